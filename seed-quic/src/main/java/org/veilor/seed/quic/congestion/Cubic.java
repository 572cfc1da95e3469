package org.veilor.seed.quic.congestion;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.recovery.RttEstimator;

/**
 * CUBIC (RFC 9438): after a loss the window follows a cubic function of time around the window
 * where the loss happened, and is never below what Reno would have. Slow start ends by HyStart++
 * (RFC 9406).
 *
 * <p>All windows are in bytes. The surprising choice: time in which the application left the window
 * unused does not count (§5.8), so the start of the epoch is moved forward by it; whether a gap was
 * such time is decided per gap between events, since no event tells of idleness.
 */
public final class Cubic implements CongestionController {
  /** RFC 9438 §5.1: C = 0.4 segments per cubic second. */
  private static final double C = 0.4;

  /** RFC 9438 §4.6: beta_cubic. */
  private static final double BETA = 0.7;

  /** RFC 9438 §4.3: "3.0 * (1.0 - beta_cubic) / (1.0 + beta_cubic)" keeps up with Reno. */
  private static final double ALPHA = 3.0 * (1.0 - BETA) / (1.0 + BETA);

  private static final double NANOS_PER_SECOND = 1e9;

  /** What a reduction changes, kept to take it back (RFC 9438 §4.9). */
  private record Snapshot(
      double window,
      double threshold,
      double maximum,
      double priorWindow,
      double renoWindow,
      double k,
      boolean hasEpoch,
      long epochStartNanos,
      boolean hasReduced,
      long recoveryStartNanos) {}

  private final HyStart hyStart = new HyStart();
  private int mtuBytes;
  private double window;
  private double threshold = Double.POSITIVE_INFINITY;
  private double maximum;
  private double priorWindow;
  private double renoWindow;
  private double k;
  private boolean hasEpoch;
  private long epochStartNanos;
  private boolean hasReduced;
  private long recoveryStartNanos;
  private boolean wasActive;
  private long lastActivityNanos;
  private long idleThresholdNanos = RttEstimator.INITIAL_RTT_NANOS;
  private @Nullable Snapshot beforeReduction;

  /** A controller at the start of a route. */
  public Cubic(int mtuBytes) {
    this.mtuBytes = mtuBytes;
    this.window = Windows.initial(mtuBytes);
  }

  @Override
  public void onPacketSent(int bytes, long nowNanos) {
    onActivity(false, nowNanos);
  }

  @Override
  public void onAcked(
      int bytes, long sentNanos, boolean appLimited, RttEstimator rtt, long nowNanos) {
    // A flow with a small window is silent for a round-trip time while it waits: that is not idle.
    idleThresholdNanos = rtt.ptoBaseNanos();
    onActivity(appLimited, nowNanos);
    if (isInRecovery(sentNanos)) {
      return;
    }
    if (inSlowStart()) {
      growInSlowStart(bytes, sentNanos, appLimited, rtt, nowNanos);
    } else if (!appLimited) {
      growInCongestionAvoidance(bytes, rtt, nowNanos);
    }
  }

  private void growInSlowStart(
      int bytes, long sentNanos, boolean appLimited, RttEstimator rtt, long nowNanos) {
    boolean isOver = hyStart.onAcked(sentNanos, rtt.latestNanos(), nowNanos);
    if (!appLimited) {
      window = Math.min(threshold, window + hyStart.growthBytes(bytes));
    }
    // After the first loss slow start is bounded by the threshold; HyStart++ is for the initial
    // one.
    if (isOver && !Double.isFinite(threshold)) {
      threshold = window;
    }
  }

  private void growInCongestionAvoidance(int bytes, RttEstimator rtt, long nowNanos) {
    if (!hasEpoch) {
      startEpoch(nowNanos);
    }
    double seconds = (nowNanos - epochStartNanos) / NANOS_PER_SECOND;
    growRenoWindow(bytes);
    double cubic = cubicWindow(seconds);
    if (cubic < renoWindow) {
      // §4.3: "the window SHOULD be set to W_est at each reception of a new ACK".
      window = Math.max(window, renoWindow);
      return;
    }
    // §4.2: the target is one RTT ahead, and at most 1.5 times the window.
    double ahead = cubicWindow(seconds + rtt.smoothedNanos() / NANOS_PER_SECOND);
    double target = Math.clamp(ahead, window, 1.5 * window);
    window += (target - window) * bytes / window;
  }

  private void startEpoch(long nowNanos) {
    hasEpoch = true;
    epochStartNanos = nowNanos;
    renoWindow = window;
    if (window < maximum) {
      k = Math.cbrt((maximum - window) / (C * mtuBytes));
    } else {
      k = 0;
      maximum = window;
    }
  }

  /** §4.3: alpha_cubic until the window before the reduction is reached, then Reno's 1. */
  private void growRenoWindow(int bytes) {
    double alpha = renoWindow >= priorWindow ? 1.0 : ALPHA;
    renoWindow += alpha * mtuBytes * bytes / window;
  }

  /** W_cubic(t) = C * (t - K)^3 + W_max. */
  private double cubicWindow(double seconds) {
    double distance = seconds - k;
    return C * mtuBytes * distance * distance * distance + maximum;
  }

  @Override
  public void onLoss(
      int lostBytes, long largestLostSentNanos, boolean persistentCongestion, long nowNanos) {
    if (!isInRecovery(largestLostSentNanos)) {
      reduce(nowNanos);
    }
    if (persistentCongestion) {
      // RFC 9002 §7.6.2: "the sender's congestion window MUST be reduced to the minimum"; then slow
      // start up to the threshold, as after a TCP timeout.
      window = Windows.minimum(mtuBytes);
      hasEpoch = false;
      hasReduced = false;
      beforeReduction = null;
    }
  }

  private void reduce(long nowNanos) {
    beforeReduction =
        new Snapshot(
            window,
            threshold,
            maximum,
            priorWindow,
            renoWindow,
            k,
            hasEpoch,
            epochStartNanos,
            hasReduced,
            recoveryStartNanos);
    hasReduced = true;
    recoveryStartNanos = nowNanos;
    hasEpoch = false;
    priorWindow = window;
    // §4.7 fast convergence: a flow that lost before it came back to W_max makes room for others.
    maximum = window < maximum ? window * (1.0 + BETA) / 2.0 : window;
    threshold = Math.max(window * BETA, (double) Windows.minimum(mtuBytes));
    window = threshold;
  }

  @Override
  public void onSpuriousLoss() {
    Snapshot before = beforeReduction;
    beforeReduction = null;
    if (before == null || before.window <= window) {
      return;
    }
    window = before.window;
    threshold = before.threshold;
    maximum = before.maximum;
    priorWindow = before.priorWindow;
    renoWindow = before.renoWindow;
    k = before.k;
    hasEpoch = before.hasEpoch;
    epochStartNanos = before.epochStartNanos;
    // The recovery period ends too, or a round trip passes in which nothing grows.
    hasReduced = before.hasReduced;
    recoveryStartNanos = before.recoveryStartNanos;
  }

  @Override
  public void onMtu(int newMtuBytes) {
    mtuBytes = newMtuBytes;
    window = Math.max(window, (double) Windows.minimum(newMtuBytes));
  }

  @Override
  public long windowBytes() {
    return (long) window;
  }

  @Override
  public boolean inSlowStart() {
    return window < threshold;
  }

  private boolean isInRecovery(long sentNanos) {
    return hasReduced && sentNanos - recoveryStartNanos <= 0;
  }

  /** §5.8: t "MUST NOT" advance while the application limits the flow. */
  private void onActivity(boolean appLimited, long nowNanos) {
    long gapNanos = nowNanos - lastActivityNanos;
    if (wasActive && hasEpoch && (appLimited || gapNanos > idleThresholdNanos)) {
      epochStartNanos += gapNanos;
    }
    wasActive = true;
    lastActivityNanos = nowNanos;
  }
}
