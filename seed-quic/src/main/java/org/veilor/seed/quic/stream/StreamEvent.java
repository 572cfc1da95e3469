package org.veilor.seed.quic.stream;

/** What the application should know about streams. */
@SuppressWarnings("AvoidCommonTypeNames") // Readable is the right word, and always qualified here
public sealed interface StreamEvent {
  /** The peer opened a stream. */
  record Opened(long id) implements StreamEvent {}

  /** New bytes in order, or the end, can be read; at most one pending per stream. */
  record Readable(long id) implements StreamEvent {}

  /**
   * There is more room than {@link Streams#writableBytes} said last; at most one pending per
   * stream.
   */
  record Writable(long id) implements StreamEvent {}

  /** The peer wants no more of what we send. The stream was reset with the same code already. */
  record Stopped(long id, long code) implements StreamEvent {}

  /** The peer abandoned its half. What arrived in order before can still be read. */
  record ResetByPeer(long id, long code) implements StreamEvent {}

  /** Everything written and the FIN were acknowledged. */
  record Finished(long id) implements StreamEvent {}

  /** {@link Streams#open} of this kind failed before and may work now. */
  record StreamsAvailable(boolean bidirectional) implements StreamEvent {}
}
