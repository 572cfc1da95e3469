package org.veilor.seed.quic.stream;

/**
 * Credit given to the peer, for one stream or for the connection (RFC 9000 §4.1, §4.2).
 *
 * <p>New credit is due when half a window was consumed. If that took less than two round-trip
 * times, the window itself may be what limits the peer, and doubles up to its maximum.
 */
final class ReceiveWindow {
  private static final int TUNING_RTTS = 2;

  private final long maxWindow;
  private long window;
  private long limit;
  private long consumed;
  private boolean isDue;
  private long lastDueNanos;

  ReceiveWindow(long window, long maxWindow, long nowNanos) {
    this.window = window;
    this.maxWindow = maxWindow;
    this.limit = window;
    this.lastDueNanos = nowNanos;
  }

  /** What the peer was told it may send, from the beginning. */
  long limit() {
    return limit;
  }

  /** Bytes that will never need memory again. */
  long consumed() {
    return consumed;
  }

  long window() {
    return window;
  }

  /**
   * Bytes were read, or dropped.
   *
   * @return whether new credit became due by this
   */
  boolean consume(long bytes, long smoothedRttNanos, long nowNanos) {
    consumed += bytes;
    if (isDue || consumed + window - limit < Math.max(1, window / 2)) {
      return false;
    }
    isDue = true;
    if (nowNanos - lastDueNanos < TUNING_RTTS * smoothedRttNanos) {
      window = Math.min(maxWindow, 2 * window);
    }
    lastDueNanos = nowNanos;
    return true;
  }

  /** Raises the limit to what it may be now and returns it. */
  long raise() {
    isDue = false;
    limit = Math.clamp(consumed + window, limit, StreamLimits.MAX_OFFSET);
    return limit;
  }
}
