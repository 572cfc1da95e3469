package org.veilor.seed.quic.congestion;

/** The window sizes of RFC 9002 §7.2. */
final class Windows {
  private static final int INITIAL_PACKETS = 10;
  private static final int INITIAL_LIMIT_BYTES = 14_720;
  private static final int MINIMUM_PACKETS = 2;

  private Windows() {}

  /** "ten times the maximum datagram size, limited to the larger of 14,720 bytes or twice it". */
  static long initial(int mtuBytes) {
    return Math.min(
        (long) INITIAL_PACKETS * mtuBytes, Math.max(INITIAL_LIMIT_BYTES, minimum(mtuBytes)));
  }

  /** "2 * max_datagram_size". */
  static long minimum(int mtuBytes) {
    return (long) MINIMUM_PACKETS * mtuBytes;
  }
}
