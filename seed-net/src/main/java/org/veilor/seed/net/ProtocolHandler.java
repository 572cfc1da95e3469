package org.veilor.seed.net;

/** A protocol that an endpoint accepts under an ALPN; other protocols plug in here. */
@FunctionalInterface
public interface ProtocolHandler {
  /**
   * A peer connected and proved who it is. Called on the event loop, before any of its streams is
   * seen: the place for {@link PeerConnection#onStream}.
   */
  void onConnection(PeerConnection connection);
}
