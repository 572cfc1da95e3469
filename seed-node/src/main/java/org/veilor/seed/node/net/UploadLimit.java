package org.veilor.seed.node.net;

/** The daemon's upload rate over all peers: a token bucket that holds a quarter of a second. */
final class UploadLimit {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final long bytesPerSecond;
  private long nextFreeNanos;
  private boolean started;

  /** A limit; {@link Long#MAX_VALUE} for none. */
  UploadLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Takes so many bytes; returns how long the taker must wait before it takes more. */
  synchronized long take(int bytes, long nowNanos) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return 0;
    }
    long burstNanos = SECOND_NANOS / 4;
    if (!started || nextFreeNanos < nowNanos - burstNanos) {
      started = true;
      nextFreeNanos = nowNanos - burstNanos;
    }
    nextFreeNanos += (long) (bytes * (double) SECOND_NANOS / bytesPerSecond);
    return Math.max(0, nextFreeNanos - nowNanos);
  }
}
