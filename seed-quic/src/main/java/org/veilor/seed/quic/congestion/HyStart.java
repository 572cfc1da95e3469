package org.veilor.seed.quic.congestion;

/**
 * HyStart++ (RFC 9406): leaves slow start when the round-trip time rises, before packets are lost.
 *
 * <p>Rounds are told apart by time instead of packet number: a round ends with the acknowledgement
 * of a packet that was sent after the round began. Everything else is the RFC's, with L = infinity
 * because packets are paced (§4.3).
 */
final class HyStart {
  private static final long MIN_RTT_THRESHOLD_NANOS = 4_000_000L;
  private static final long MAX_RTT_THRESHOLD_NANOS = 16_000_000L;
  private static final int MIN_RTT_DIVISOR = 8;
  private static final int MIN_SAMPLES = 8;
  private static final int CSS_GROWTH_DIVISOR = 4;
  private static final int CSS_ROUNDS = 5;
  private static final long NO_RTT = Long.MAX_VALUE;

  private boolean hasRound;
  private long roundStartNanos;
  private long lastRoundMinNanos = NO_RTT;
  private long currentRoundMinNanos = NO_RTT;
  private int samples;
  private long lastSampleTakenNanos;
  private long conservativeBaselineNanos = NO_RTT;
  private int conservativeRounds;

  /**
   * Takes one newly acknowledged packet.
   *
   * @return whether slow start is over
   */
  boolean onAcked(long sentNanos, long rttNanos, long nowNanos) {
    boolean isOver = false;
    if (!hasRound || sentNanos - roundStartNanos >= 0) {
      isOver = isConservative() && ++conservativeRounds >= CSS_ROUNDS;
      startRound(nowNanos);
    }
    takeSample(rttNanos, nowNanos);
    return isOver;
  }

  /** How much the window grows for so many acknowledged bytes. */
  int growthBytes(int ackedBytes) {
    return isConservative() ? ackedBytes / CSS_GROWTH_DIVISOR : ackedBytes;
  }

  private boolean isConservative() {
    return conservativeBaselineNanos != NO_RTT;
  }

  private void startRound(long nowNanos) {
    hasRound = true;
    roundStartNanos = nowNanos;
    lastSampleTakenNanos = nowNanos - 1;
    lastRoundMinNanos = currentRoundMinNanos;
    currentRoundMinNanos = NO_RTT;
    samples = 0;
  }

  private void takeSample(long rttNanos, long nowNanos) {
    // Packets that one ACK frame acknowledges together yield one sample.
    if (nowNanos == lastSampleTakenNanos) {
      return;
    }
    lastSampleTakenNanos = nowNanos;
    currentRoundMinNanos = Math.min(currentRoundMinNanos, rttNanos);
    samples++;
    if (samples < MIN_SAMPLES || lastRoundMinNanos == NO_RTT) {
      return;
    }
    if (isConservative()) {
      // "if (currentRoundMinRTT < cssBaselineMinRtt) … resume slow start"
      if (currentRoundMinNanos < conservativeBaselineNanos) {
        conservativeBaselineNanos = NO_RTT;
      }
      return;
    }
    long threshold =
        Math.clamp(
            lastRoundMinNanos / MIN_RTT_DIVISOR, MIN_RTT_THRESHOLD_NANOS, MAX_RTT_THRESHOLD_NANOS);
    if (currentRoundMinNanos >= lastRoundMinNanos + threshold) {
      conservativeBaselineNanos = currentRoundMinNanos;
      conservativeRounds = 0;
    }
  }
}
