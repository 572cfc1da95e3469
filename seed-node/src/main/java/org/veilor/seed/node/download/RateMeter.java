package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/** Measures how fast a provider sends while it has something to send. */
final class RateMeter {
  private static final long SAMPLE_NANOS = MILLISECONDS.toNanos(50);
  private static final double WEIGHT = 0.3;

  private double bytesPerSecond;
  private boolean measured;
  private boolean running;
  private long startNanos;
  private long bytes;

  /** Starts from what an earlier download saw; 0 for nothing. */
  RateMeter(long expectedBytesPerSecond) {
    bytesPerSecond = expectedBytesPerSecond;
  }

  /** The first bytes after a pause only start the clock. */
  void onBytes(long count, long nowNanos) {
    if (!running) {
      running = true;
      startNanos = nowNanos;
      bytes = 0;
      return;
    }
    bytes += count;
    sample(nowNanos, SAMPLE_NANOS);
  }

  /** Silence counts too, as long as something is due. */
  void onSilence(long nowNanos) {
    if (running) {
      sample(nowNanos, 4 * SAMPLE_NANOS);
    }
  }

  private void sample(long nowNanos, long leastNanos) {
    long elapsed = nowNanos - startNanos;
    if (elapsed < leastNanos) {
      return;
    }
    double rate = bytes * 1e9 / elapsed;
    bytesPerSecond = measured ? bytesPerSecond + WEIGHT * (rate - bytesPerSecond) : rate;
    measured = true;
    startNanos = nowNanos;
    bytes = 0;
  }

  /** Nothing is due any more. */
  void pause() {
    running = false;
  }

  /** Whether there is anything to go by. */
  boolean isKnown() {
    return bytesPerSecond > 0;
  }

  /** Bytes a second; at least 1. */
  double bytesPerSecond() {
    return isKnown() ? Math.max(1, bytesPerSecond) : PlanLimits.ASSUMED_RATE;
  }
}
