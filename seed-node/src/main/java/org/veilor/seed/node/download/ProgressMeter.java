package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.SECONDS;

/** How fast a download is, and what of its bytes the counters have been told. One thread. */
final class ProgressMeter {
  private static final long SAMPLE_NANOS = SECONDS.toNanos(1) / 2;

  /** What the latest sample weighs. */
  private static final double WEIGHT = 0.3;

  private long sampledNanos;
  private long sampledBytes;
  private double bytesPerSecond;
  private long toldHedged;
  private long toldWasted;

  void start(long nowNanos) {
    sampledNanos = nowNanos;
  }

  /** The rate over the last seconds, now that so many bytes are here. */
  long rateAt(long bytes, long nowNanos) {
    long elapsed = nowNanos - sampledNanos;
    if (elapsed >= SAMPLE_NANOS) {
      double sample = Math.max(0, bytes - sampledBytes) * 1e9 / elapsed;
      bytesPerSecond =
          bytesPerSecond == 0 ? sample : bytesPerSecond + WEIGHT * (sample - bytesPerSecond);
      sampledNanos = nowNanos;
      sampledBytes = bytes;
    }
    return (long) bytesPerSecond;
  }

  /** Adds what is new to the counters of all downloads. */
  void count(DownloadPlan plan, DownloadCounters counters) {
    counters.hedgedBytes.add(plan.hedgedBytes() - toldHedged);
    counters.wastedBytes.add(plan.wastedBytes() - toldWasted);
    toldHedged = plan.hedgedBytes();
    toldWasted = plan.wastedBytes();
  }
}
