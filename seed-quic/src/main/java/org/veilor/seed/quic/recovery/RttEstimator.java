package org.veilor.seed.quic.recovery;

/**
 * Estimates the round-trip time of one route (RFC 9002 §5): latest sample, minimum, and the
 * exponentially weighted mean and mean deviation.
 *
 * <p>Before the first sample the estimate is {@link #INITIAL_RTT_NANOS} (RFC 9002 §6.2.2).
 */
public final class RttEstimator {
  /** RFC 9002 §6.2.2: "Resumed connections … otherwise initial RTT SHOULD be set to 333 ms". */
  public static final long INITIAL_RTT_NANOS = 333_000_000L;

  /** RFC 9002 §6.1.2: kGranularity, the timer granularity, is 1 ms. */
  public static final long GRANULARITY_NANOS = 1_000_000L;

  private boolean hasSample;
  private long latestNanos = INITIAL_RTT_NANOS;
  private long minNanos = INITIAL_RTT_NANOS;
  private long smoothedNanos = INITIAL_RTT_NANOS;
  private long varianceNanos = INITIAL_RTT_NANOS / 2;
  private boolean minimumIsStale;

  /** An estimator that knows nothing yet. */
  public RttEstimator() {}

  /**
   * Takes a sample: the largest acknowledged packet was newly acknowledged and at least one of the
   * newly acknowledged packets was ack-eliciting (RFC 9002 §5.1).
   *
   * @param sampleNanos time from sending the largest acknowledged packet until now
   * @param ackDelayNanos the peer's ack delay, already unscaled; 0 for Initial and Handshake
   *     packets
   * @param handshakeConfirmed whether the peer's max_ack_delay binds it
   * @param maxAckDelayNanos the peer's max_ack_delay
   */
  public void update(
      long sampleNanos, long ackDelayNanos, boolean handshakeConfirmed, long maxAckDelayNanos) {
    long sample = Math.max(1, sampleNanos);
    latestNanos = sample;
    if (!hasSample) {
      hasSample = true;
      minNanos = sample;
      smoothedNanos = sample;
      varianceNanos = sample / 2;
      return;
    }
    minNanos = minimumIsStale ? sample : Math.min(minNanos, sample);
    minimumIsStale = false;
    // RFC 9002 §5.3: "MUST use the lesser of the acknowledgment delay and the peer's max_ack_delay
    // after the handshake is confirmed".
    long delay = handshakeConfirmed ? Math.min(ackDelayNanos, maxAckDelayNanos) : ackDelayNanos;
    // "MUST NOT subtract the acknowledgment delay from the RTT sample if the resulting value is
    // smaller than the min_rtt". Written so that a huge claimed delay cannot overflow.
    long adjusted = delay >= 0 && sample - minNanos >= delay ? sample - delay : sample;
    varianceNanos = (3 * varianceNanos + Math.abs(smoothedNanos - adjusted)) / 4;
    smoothedNanos = (7 * smoothedNanos + adjusted) / 8;
  }

  /** RFC 9002 §5.2: min_rtt SHOULD be set to the newest sample after persistent congestion. */
  public void onPersistentCongestion() {
    minimumIsStale = true;
  }

  /** Whether anything was measured yet. */
  public boolean hasSample() {
    return hasSample;
  }

  /** The newest sample. */
  public long latestNanos() {
    return latestNanos;
  }

  /** The smallest sample. */
  public long minNanos() {
    return minNanos;
  }

  /** The smoothed round-trip time. */
  public long smoothedNanos() {
    return smoothedNanos;
  }

  /** The mean deviation. */
  public long varianceNanos() {
    return varianceNanos;
  }

  /** {@code smoothed_rtt + max(4 * rttvar, kGranularity)}: a PTO without max_ack_delay (§6.2.1). */
  public long ptoBaseNanos() {
    return smoothedNanos + Math.max(4 * varianceNanos, GRANULARITY_NANOS);
  }
}
