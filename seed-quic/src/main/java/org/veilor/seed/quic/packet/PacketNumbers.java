package org.veilor.seed.quic.packet;

import java.nio.ByteBuffer;

/** Truncated packet numbers, RFC 9000 §17.1, Appendix A.2 and A.3. */
public final class PacketNumbers {
  /** The largest packet number, 2^62 - 1. */
  public static final long MAX = VarInt.MAX;

  private PacketNumbers() {}

  /**
   * Bytes (1 to 4) that let the peer recover {@code packetNumber}: twice the numbers in flight must
   * fit.
   *
   * @param largestAcked the largest one the peer acknowledged, -1 for none
   */
  public static int encodedLength(long packetNumber, long largestAcked) {
    long unacknowledged = packetNumber - largestAcked;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(unacknowledged) + 1;
    return Math.clamp((bits + 7) / 8, 1, 4);
  }

  /** Writes the lowest {@code length} bytes. */
  public static void write(ByteBuffer out, long packetNumber, int length) {
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8) {
      out.put((byte) (packetNumber >>> shift));
    }
  }

  /**
   * Recovers a packet number: the one nearest to the next expected that ends in {@code truncated}.
   *
   * @param largestReceived the largest one that authenticated in this space, -1 for none
   */
  public static long decode(long largestReceived, long truncated, int lengthBytes) {
    long expected = largestReceived + 1;
    long window = 1L << (8 * lengthBytes);
    long half = window / 2;
    long candidate = (expected & -window) | truncated;
    if (candidate <= expected - half && candidate < (1L << 62) - window) {
      return candidate + window;
    }
    if (candidate > expected + half && candidate >= window) {
      return candidate - window;
    }
    return candidate;
  }
}
