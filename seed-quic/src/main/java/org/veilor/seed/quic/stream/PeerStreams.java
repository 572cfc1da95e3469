package org.veilor.seed.quic.stream;

import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/**
 * Counts the streams of one kind that the peer opens (RFC 9000 §4.6). A stream gives its place back
 * only when it is done on both sides, so that opening and resetting streams forever leads nowhere.
 */
final class PeerStreams {
  private final long concurrent;
  private long limit;
  private long opened;
  private long closed;

  PeerStreams(long concurrent) {
    this.concurrent = concurrent;
    this.limit = concurrent;
  }

  /** Streams the peer has opened. */
  long opened() {
    return opened;
  }

  /**
   * Checks that the peer may have a stream with this index.
   *
   * @throws TransportException STREAM_LIMIT_ERROR if not
   */
  void checkIndex(long index, long frameType) throws TransportException {
    if (index >= limit) {
      throw new TransportException(
          TransportErrorCode.STREAM_LIMIT_ERROR, frameType, "more streams than allowed");
    }
  }

  /** The next index was opened. */
  void onOpened() {
    opened++;
  }

  /** A stream is gone. */
  void onClosed() {
    closed++;
  }

  /** Whether MAX_STREAMS is due: the peer runs short of credit, or there is much to give. */
  boolean isUpdateDue() {
    long gain = closed + concurrent - limit;
    return gain > 0 && (limit - opened <= concurrent / 2 || gain >= concurrent / 4);
  }

  /** Raises the limit to what it may be now and returns it. */
  long raise() {
    limit = closed + concurrent;
    return limit;
  }
}
