package org.veilor.seed.quic.congestion;

import org.veilor.seed.quic.recovery.RttEstimator;

/**
 * The controller of RFC 9002 §7 and appendix B: slow start, additive increase, halving on loss. The
 * simple reference that {@link Cubic} is compared with.
 */
public final class NewReno implements CongestionController {
  private int mtuBytes;
  private long windowBytes;
  private long slowStartThresholdBytes = Long.MAX_VALUE;
  private long ackedSinceIncreaseBytes;
  private boolean hasReduced;
  private long recoveryStartNanos;
  private long windowBeforeReductionBytes;
  private long thresholdBeforeReductionBytes = Long.MAX_VALUE;

  /** A controller at the start of a route. */
  public NewReno(int mtuBytes) {
    this.mtuBytes = mtuBytes;
    this.windowBytes = Windows.initial(mtuBytes);
  }

  @Override
  public void onPacketSent(int bytes, long nowNanos) {}

  @Override
  public void onAcked(
      int bytes, long sentNanos, boolean appLimited, RttEstimator rtt, long nowNanos) {
    if (appLimited || isInRecovery(sentNanos)) {
      return;
    }
    if (inSlowStart()) {
      windowBytes += bytes;
      return;
    }
    ackedSinceIncreaseBytes += bytes;
    if (ackedSinceIncreaseBytes >= windowBytes) {
      ackedSinceIncreaseBytes -= windowBytes;
      windowBytes += mtuBytes;
    }
  }

  @Override
  public void onLoss(
      int lostBytes, long largestLostSentNanos, boolean persistentCongestion, long nowNanos) {
    if (!isInRecovery(largestLostSentNanos)) {
      windowBeforeReductionBytes = windowBytes;
      thresholdBeforeReductionBytes = slowStartThresholdBytes;
      hasReduced = true;
      recoveryStartNanos = nowNanos;
      ackedSinceIncreaseBytes = 0;
      slowStartThresholdBytes = Math.max(windowBytes / 2, Windows.minimum(mtuBytes));
      windowBytes = slowStartThresholdBytes;
    }
    if (persistentCongestion) {
      windowBeforeReductionBytes = 0;
      hasReduced = false;
      windowBytes = Windows.minimum(mtuBytes);
    }
  }

  @Override
  public void onSpuriousLoss() {
    if (windowBeforeReductionBytes > windowBytes) {
      windowBytes = windowBeforeReductionBytes;
      slowStartThresholdBytes = thresholdBeforeReductionBytes;
    }
    windowBeforeReductionBytes = 0;
  }

  @Override
  public void onMtu(int newMtuBytes) {
    mtuBytes = newMtuBytes;
    windowBytes = Math.max(windowBytes, Windows.minimum(newMtuBytes));
  }

  @Override
  public long windowBytes() {
    return windowBytes;
  }

  @Override
  public boolean inSlowStart() {
    return windowBytes < slowStartThresholdBytes;
  }

  private boolean isInRecovery(long sentNanos) {
    return hasReduced && sentNanos - recoveryStartNanos <= 0;
  }
}
