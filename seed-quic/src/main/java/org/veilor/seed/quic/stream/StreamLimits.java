package org.veilor.seed.quic.stream;

/**
 * Every limit of this package: what a peer may make us hold, and what we hold for it. Sizes in
 * bytes.
 *
 * @param initialStreamWindow receive window of a new stream
 * @param maxStreamWindow largest receive window that auto-tuning gives a stream
 * @param initialConnectionWindow receive window of all streams together at the start
 * @param maxConnectionWindow largest receive window of all streams together
 * @param maxBidirectional bidirectional streams the peer may have open at once
 * @param maxUnidirectional unidirectional streams the peer may have open at once
 * @param sendBufferPerStream bytes written and not yet acknowledged, of one stream
 * @param sendBufferPerConnection the same of all streams; a stream may hold {@link #MIN_SHARE}
 *     beyond it
 * @param maxGaps pieces of one stream that wait behind gaps; noq-proto 1.4.0 has the same limit
 */
public record StreamLimits(
    long initialStreamWindow,
    long maxStreamWindow,
    long initialConnectionWindow,
    long maxConnectionWindow,
    long maxBidirectional,
    long maxUnidirectional,
    int sendBufferPerStream,
    long sendBufferPerConnection,
    int maxGaps) {

  /**
   * So many bytes each stream may buffer however full the connection is: no stream starves another.
   */
  static final int MIN_SHARE = 64 * 1024;

  /** Largest window or buffer of one stream: positions inside it are ints. */
  private static final long MAX_STREAM_BYTES = 1 << 30;

  /** Largest offset, 2^62-1. */
  static final long MAX_OFFSET = (1L << 62) - 1;

  /** Checks the ranges. */
  public StreamLimits {
    check(initialStreamWindow >= 0 && initialStreamWindow <= maxStreamWindow, "stream window");
    check(maxStreamWindow <= MAX_STREAM_BYTES, "stream window");
    check(initialConnectionWindow >= 0, "connection window");
    check(initialConnectionWindow <= maxConnectionWindow, "connection window");
    check(maxConnectionWindow <= MAX_OFFSET, "connection window");
    check(maxBidirectional >= 0 && maxBidirectional <= 1 << 20, "stream count");
    check(maxUnidirectional >= 0 && maxUnidirectional <= 1 << 20, "stream count");
    check(sendBufferPerStream > 0 && sendBufferPerStream <= MAX_STREAM_BYTES, "send buffer");
    check(sendBufferPerConnection > 0, "send buffer");
    check(maxGaps > 0, "gaps");
  }

  /** iroh's initial windows and stream counts, growing to what a fast long path needs. */
  public static StreamLimits defaults() {
    return new StreamLimits(
        1_250_000, 8 << 20, 2_500_000, 16 << 20, 100, 100, 2 << 20, 8 << 20, 1024);
  }

  /** The same with other numbers of streams the peer may have open at once. */
  public StreamLimits withMaxStreams(long bidirectional, long unidirectional) {
    return new StreamLimits(
        initialStreamWindow,
        maxStreamWindow,
        initialConnectionWindow,
        maxConnectionWindow,
        bidirectional,
        unidirectional,
        sendBufferPerStream,
        sendBufferPerConnection,
        maxGaps);
  }

  /** The same with fixed receive windows. */
  public StreamLimits withWindows(long stream, long connection) {
    return new StreamLimits(
        stream,
        stream,
        connection,
        connection,
        maxBidirectional,
        maxUnidirectional,
        sendBufferPerStream,
        sendBufferPerConnection,
        maxGaps);
  }

  /** The same with other send buffers. */
  public StreamLimits withSendBuffers(int perStream, long perConnection) {
    return new StreamLimits(
        initialStreamWindow,
        maxStreamWindow,
        initialConnectionWindow,
        maxConnectionWindow,
        maxBidirectional,
        maxUnidirectional,
        perStream,
        perConnection,
        maxGaps);
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new IllegalArgumentException("impossible limit: " + what);
    }
  }
}
