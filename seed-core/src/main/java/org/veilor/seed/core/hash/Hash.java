package org.veilor.seed.core.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The BLAKE3 hash of a blob: its name on the network, 32 bytes.
 *
 * <p>The bytes are kept as four {@code long}s, which makes a hash one small object, immutable and
 * cheap to compare. The order is that of the bytes, unsigned.
 */
public final class Hash implements Comparable<Hash> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  /** The hash of the blob without any byte, which every provider has. */
  public static final Hash EMPTY_BLOB =
      new Hash(0xaf1349b9f5f9a1a6L, 0xa0404dea36dcc949L, 0x9bcb25c9adc112b7L, 0xcc9a93cae41f3262L);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int SHORT_TEXT_LENGTH = 10;

  private final long bytes0To7;
  private final long bytes8To15;
  private final long bytes16To23;
  private final long bytes24To31;

  private Hash(long bytes0To7, long bytes8To15, long bytes16To23, long bytes24To31) {
    this.bytes0To7 = bytes0To7;
    this.bytes8To15 = bytes8To15;
    this.bytes16To23 = bytes16To23;
    this.bytes24To31 = bytes24To31;
  }

  /**
   * The hash with these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are not exactly {@value #LENGTH}
   */
  public static Hash of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a hash has 32 bytes, not " + bytes.length);
    }
    return of(bytes, 0);
  }

  /** The hash whose {@value #LENGTH} bytes start at {@code offset}; they are copied. */
  public static Hash of(byte[] bytes, int offset) {
    Objects.checkFromIndexSize(offset, LENGTH, bytes.length);
    return new Hash(
        (long) LONG.get(bytes, offset),
        (long) LONG.get(bytes, offset + 8),
        (long) LONG.get(bytes, offset + 16),
        (long) LONG.get(bytes, offset + 24));
  }

  /**
   * Reads the text of a hash: 64 characters are lower-case hex, anything else is RFC 4648 base32
   * without padding in either case (iroh-blobs {@code Hash::from_str}).
   *
   * @throws MalformedException if it is neither, or not 32 bytes long
   */
  public static Hash parse(String text) throws MalformedException {
    if (text.length() == 2 * LENGTH) {
      return of(Hex.decodeLower(text));
    }
    if (text.length() != (LENGTH * 8 + 4) / 5) {
      throw new MalformedException(0, "a hash is 64 hex or 52 base32 characters");
    }
    return of(Base32.RFC4648.decode(text));
  }

  /** A new array with the {@value #LENGTH} bytes. */
  public byte[] toBytes() {
    byte[] out = new byte[LENGTH];
    writeTo(out, 0);
    return out;
  }

  /** Writes the {@value #LENGTH} bytes to {@code target} from {@code offset}. */
  public void writeTo(byte[] target, int offset) {
    Objects.checkFromIndexSize(offset, LENGTH, target.length);
    LONG.set(target, offset, bytes0To7);
    LONG.set(target, offset + 8, bytes8To15);
    LONG.set(target, offset + 16, bytes16To23);
    LONG.set(target, offset + 24, bytes24To31);
  }

  /** Whether the {@value #LENGTH} bytes of {@code other} from {@code offset} are this hash. */
  public boolean matches(byte[] other, int offset) {
    Objects.checkFromIndexSize(offset, LENGTH, other.length);
    return bytes0To7 == (long) LONG.get(other, offset)
        && bytes8To15 == (long) LONG.get(other, offset + 8)
        && bytes16To23 == (long) LONG.get(other, offset + 16)
        && bytes24To31 == (long) LONG.get(other, offset + 24);
  }

  /** The first 5 bytes in hex, for logs and screens. */
  public String shortText() {
    return toString().substring(0, SHORT_TEXT_LENGTH);
  }

  /** 64 characters of lower-case hex. */
  @Override
  public String toString() {
    return Hex.encode(toBytes());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Hash that
        && bytes0To7 == that.bytes0To7
        && bytes8To15 == that.bytes8To15
        && bytes16To23 == that.bytes16To23
        && bytes24To31 == that.bytes24To31;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(bytes0To7);
  }

  @Override
  public int compareTo(Hash other) {
    int order = Long.compareUnsigned(bytes0To7, other.bytes0To7);
    if (order == 0) {
      order = Long.compareUnsigned(bytes8To15, other.bytes8To15);
    }
    if (order == 0) {
      order = Long.compareUnsigned(bytes16To23, other.bytes16To23);
    }
    if (order == 0) {
      order = Long.compareUnsigned(bytes24To31, other.bytes24To31);
    }
    return order;
  }
}
