package org.veilor.seed.net;

/** What happens to a stream. All methods are called on the event loop and must not block. */
public interface StreamListener {
  /** Bytes, the end or a reset can be read: call {@link PeerStream#read} until it gives no more. */
  default void onReadable(PeerStream stream) {}

  /** There is room to write again. */
  default void onWritable(PeerStream stream) {}

  /** The peer wants no more of what we send; the stream was reset with that code. */
  default void onStopped(PeerStream stream, long code) {}

  /** Everything written was acknowledged, the end included. */
  default void onFinished(PeerStream stream) {}

  /** The connection is over, and with it the stream. */
  default void onConnectionClosed(PeerStream stream) {}
}
