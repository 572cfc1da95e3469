package org.veilor.seed.quic.stream;

/** Counts the streams of one kind that we open, within the peer's limit (RFC 9000 §4.6). */
final class LocalStreams {
  private static final long NEVER = -1;

  private long limit;
  private long opened;
  private boolean isLimitKnown;
  private boolean wantsMore;
  private long blockedReportedAt = NEVER;

  /** Index of the next stream, -1 at the limit. */
  long open() {
    if (opened < limit) {
      return opened++;
    }
    wantsMore = true;
    return -1;
  }

  /** Streams opened so far. */
  long opened() {
    return opened;
  }

  /** The peer's limit. */
  long limit() {
    return limit;
  }

  /**
   * The peer said how many streams there may be; limits never shrink.
   *
   * @return whether somebody waits for this
   */
  boolean raiseLimit(long newLimit) {
    isLimitKnown = true;
    if (newLimit <= limit) {
      return false;
    }
    limit = newLimit;
    boolean result = wantsMore;
    wantsMore = false;
    return result;
  }

  /** Whether STREAMS_BLOCKED should be sent: once per limit. */
  boolean isBlockedFrameDue() {
    return wantsMore && isLimitKnown && blockedReportedAt != limit;
  }

  /** STREAMS_BLOCKED was sent. */
  void onBlockedFrameSent() {
    blockedReportedAt = limit;
  }
}
