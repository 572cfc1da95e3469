package org.veilor.seed.store;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A SHA-256 digest, for lists and headers of the world outside iroh. Immutable. */
public final class Sha256 {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private Sha256(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The digest with these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are not exactly {@value #LENGTH}
   */
  public static Sha256 of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + bytes.length);
    }
    return new Sha256(bytes.clone());
  }

  /** A new array with the {@value #LENGTH} bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** 64 characters of lower-case hex. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
