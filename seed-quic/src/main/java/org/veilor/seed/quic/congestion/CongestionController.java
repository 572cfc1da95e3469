package org.veilor.seed.quic.congestion;

import org.veilor.seed.quic.recovery.RttEstimator;

/**
 * Decides how many bytes may be in flight on one route (RFC 9002 §7). The caller counts the bytes
 * in flight; the controller only sees events and answers with a window.
 */
public sealed interface CongestionController permits Cubic, NewReno {
  /** A packet that counts as in flight was sent. */
  void onPacketSent(int bytes, long nowNanos);

  /**
   * One packet was newly acknowledged. To be called after {@code rtt} took the sample of this ACK
   * frame.
   *
   * @param bytes size of the packet
   * @param sentNanos when it was sent
   * @param appLimited whether the window was not fully used: it does not grow then (RFC 9002 §7.8)
   */
  void onAcked(int bytes, long sentNanos, boolean appLimited, RttEstimator rtt, long nowNanos);

  /**
   * Packets were declared lost; once for all that one ACK frame or timeout revealed. Also an
   * increase of the ECN-CE count is told this way, with 0 lost bytes.
   *
   * @param lostBytes their total size
   * @param largestLostSentNanos when the newest of them was sent: losses from before the last
   *     reduction do not reduce again
   * @param persistentCongestion whether the losses prove it (RFC 9002 §7.6)
   */
  void onLoss(
      int lostBytes, long largestLostSentNanos, boolean persistentCongestion, long nowNanos);

  /** The losses behind the last reduction turned out to be reordering: takes the reduction back. */
  void onSpuriousLoss();

  /** The datagram size changed. */
  void onMtu(int mtuBytes);

  /** How many bytes may be in flight. */
  long windowBytes();

  /** Whether the window still grows exponentially. */
  boolean inSlowStart();
}
