package org.veilor.seed.quic.connection;

/** The idle timeout and the keep-alive that prevents it (RFC 9000 §10.1). */
final class Idleness {
  private final long keepAliveIntervalNanos;
  private long timeoutNanos;
  private long timerStartNanos;
  private long lastActivityNanos;
  private final long handshakeDeadlineNanos;
  private boolean sentSinceReceived;

  Idleness(TransportConfig config, long nowNanos) {
    this.keepAliveIntervalNanos = config.keepAliveNanos();
    this.timeoutNanos = toNanos(config.idleTimeoutMillis());
    this.timerStartNanos = nowNanos;
    this.lastActivityNanos = nowNanos;
    this.handshakeDeadlineNanos = nowNanos + TransportConfig.HANDSHAKE_TIMEOUT_NANOS;
  }

  private static long toNanos(long millis) {
    return millis == 0 ? Long.MAX_VALUE : Math.min(millis, 1L << 40) * 1_000_000L;
  }

  /**
   * "the effective value at an endpoint is computed as the minimum of the two advertised values".
   */
  void setPeerTimeoutMillis(long millis) {
    timeoutNanos = Math.min(timeoutNanos, toNanos(millis));
  }

  void onReceived(long nowNanos) {
    timerStartNanos = nowNanos;
    lastActivityNanos = nowNanos;
    sentSinceReceived = false;
  }

  /** Only the first ack-eliciting packet since something was received restarts the timer. */
  void onAckElicitingSent(long nowNanos) {
    lastActivityNanos = nowNanos;
    if (!sentSinceReceived) {
      sentSinceReceived = true;
      timerStartNanos = nowNanos;
    }
  }

  /**
   * "endpoints MUST increase the idle timeout period to be at least three times the current PTO".
   */
  long deadlineNanos(long ptoNanos, boolean handshakeComplete) {
    long idle =
        timeoutNanos == Long.MAX_VALUE
            ? Long.MAX_VALUE
            : timerStartNanos + Math.max(timeoutNanos, 3 * ptoNanos);
    return handshakeComplete ? idle : Math.min(idle, handshakeDeadlineNanos);
  }

  long keepAliveNanos() {
    return keepAliveIntervalNanos == 0
        ? Long.MAX_VALUE
        : lastActivityNanos + keepAliveIntervalNanos;
  }

  void onKeepAlive(long nowNanos) {
    lastActivityNanos = nowNanos;
  }
}
