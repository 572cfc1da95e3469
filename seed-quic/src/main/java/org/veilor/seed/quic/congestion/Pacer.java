package org.veilor.seed.quic.congestion;

/**
 * Spreads packets over the round-trip time (RFC 9002 §7.7): a token bucket in bytes that fills at a
 * little more than one window per round-trip time.
 *
 * <p>The surprising choice: when the bucket is empty the delay lasts until it is <em>full</em>, not
 * until one packet fits. Packets then leave as trains that one system call (and one segmentation
 * offload batch) carries. Below a millisecond of round-trip time nothing is paced: timers are
 * coarser.
 */
public final class Pacer {
  private static final double GAIN = 1.25;
  private static final double SLOW_START_GAIN = 2.0;
  private static final int BURST_PACKETS = 10;
  private static final double BURST_NANOS = 2_000_000.0;
  private static final long UNPACED_RTT_NANOS = 1_000_000L;

  /** Slack for binary fractions: a delay that was waited for exactly is enough. */
  private static final double ROUNDING_BYTES = 1e-3;

  /** A timer that fires late must not cost throughput: so many bursts may be caught up. */
  private static final int LATE_TIMER_BURSTS = 4;

  private int mtuBytes;
  private boolean inSlowStart;
  private boolean hasStarted;
  private boolean isWaiting;
  private double tokensBytes;
  private long lastRefillNanos;

  /** A pacer with a full bucket. */
  public Pacer(int mtuBytes) {
    this.mtuBytes = mtuBytes;
  }

  /**
   * How long to wait before sending.
   *
   * @param smoothedRttNanos smoothed round-trip time
   * @param windowBytes congestion window
   * @param bytes size of the packet or train
   * @return nanoseconds to wait, 0 to send now
   */
  public long delayNanos(long smoothedRttNanos, long windowBytes, int bytes, long nowNanos) {
    if (smoothedRttNanos < UNPACED_RTT_NANOS) {
      hasStarted = false;
      return 0;
    }
    double bytesPerNano =
        (inSlowStart ? SLOW_START_GAIN : GAIN) * windowBytes / (double) smoothedRttNanos;
    double burst = Math.max((double) BURST_PACKETS * mtuBytes, bytesPerNano * BURST_NANOS);
    refill(bytesPerNano, burst, nowNanos);
    if (tokensBytes + ROUNDING_BYTES >= Math.min(bytes, burst)) {
      isWaiting = false;
      return 0;
    }
    isWaiting = true;
    return Math.max(1, (long) Math.ceil((burst - tokensBytes) / bytesPerNano));
  }

  private void refill(double bytesPerNano, double burst, long nowNanos) {
    if (!hasStarted) {
      hasStarted = true;
      tokensBytes = burst;
    } else {
      // What a late timer brought may be used up, but idle time adds no more to it.
      double most = Math.max(tokensBytes, isWaiting ? LATE_TIMER_BURSTS * burst : burst);
      double gained = (nowNanos - lastRefillNanos) * bytesPerNano;
      tokensBytes = Math.min(most, tokensBytes + Math.max(0, gained));
    }
    lastRefillNanos = nowNanos;
  }

  /** A packet or train was sent. */
  public void onSent(int bytes, long nowNanos) {
    if (hasStarted) {
      tokensBytes -= bytes;
    }
  }

  /** The datagram size changed. */
  public void onMtu(int newMtuBytes) {
    mtuBytes = newMtuBytes;
  }

  /**
   * Tells whether the window grows exponentially: pacing is faster then (twice the window per RTT).
   */
  public void setInSlowStart(boolean inSlowStart) {
    this.inSlowStart = inSlowStart;
  }
}
