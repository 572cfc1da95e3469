package org.veilor.seed.core.identity;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.Hex;

/** An Ed25519 signature: R, then S, 64 bytes (RFC 8032 section 5.1.6). */
public final class Signature {
  /** Length in bytes. */
  public static final int LENGTH = 64;

  private final byte[] bytes;

  private Signature(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The signature with these bytes, which are copied; whether it verifies is another question.
   *
   * @throws IllegalArgumentException if there are not exactly {@value #LENGTH}
   */
  public static Signature of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a signature has 64 bytes, not " + bytes.length);
    }
    return new Signature(bytes.clone());
  }

  /** A new array with the 64 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Signature that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** 128 characters of lower-case hex. */
  @Override
  public String toString() {
    return Hex.encode(bytes);
  }
}
