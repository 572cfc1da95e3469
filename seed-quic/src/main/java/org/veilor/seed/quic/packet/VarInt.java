package org.veilor.seed.quic.packet;

import java.nio.ByteBuffer;

/**
 * Variable-length integers, RFC 9000 §16: the two highest bits of the first byte say 1, 2, 4 or 8
 * bytes.
 */
public final class VarInt {
  /** The largest value, 2^62 - 1. */
  public static final long MAX = (1L << 62) - 1;

  private VarInt() {}

  /**
   * Bytes of the shortest encoding: 1, 2, 4 or 8. Throws {@link IllegalArgumentException} outside
   * {@code [0, MAX]}.
   */
  public static int size(long value) {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("not a variable-length integer: " + value);
    }
    if (value < 1 << 6) {
      return 1;
    }
    if (value < 1 << 14) {
      return 2;
    }
    return value < 1 << 30 ? 4 : 8;
  }

  /** Writes the shortest encoding. */
  public static void write(ByteBuffer out, long value) {
    switch (size(value)) {
      case 1 -> out.put((byte) value);
      case 2 -> out.putShort((short) (value | 0x4000));
      case 4 -> out.putInt((int) (value | 0x8000_0000L));
      default -> out.putLong(value | 0xc000_0000_0000_0000L);
    }
  }

  /**
   * Reads one, whatever its length. Throws {@link java.nio.BufferUnderflowException} when bytes are
   * missing.
   */
  public static long read(ByteBuffer in) {
    int first = in.get() & 0xff;
    return switch (first >>> 6) {
      case 0 -> first;
      case 1 -> (first & 0x3f) << 8 | (in.get() & 0xff);
      case 2 -> (first & 0x3fL) << 24 | (in.get() & 0xffL) << 16 | (in.getShort() & 0xffffL);
      default ->
          (first & 0x3fL) << 56
              | (in.get() & 0xffL) << 48
              | (in.getShort() & 0xffffL) << 32
              | (in.getInt() & 0xffff_ffffL);
    };
  }

  /**
   * Writes {@code value < 2^14} in two bytes even if one would do: for Length fields reserved in
   * advance.
   */
  public static void writeTwoBytes(ByteBuffer out, int value) {
    if (value < 0 || value >= 1 << 14) {
      throw new IllegalArgumentException("does not fit two bytes: " + value);
    }
    out.putShort((short) (value | 0x4000));
  }
}
