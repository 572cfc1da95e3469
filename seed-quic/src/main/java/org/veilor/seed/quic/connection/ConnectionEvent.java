package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.stream.StreamEvent;

/** What a connection tells its owner. */
public sealed interface ConnectionEvent {
  /**
   * The handshake is complete: the peer is who it says.
   *
   * @param peerKey the 32 bytes of its Ed25519 public key
   * @param alpn the protocol agreed on
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Established(byte[] peerKey, byte[] alpn) implements ConnectionEvent {}

  /** Something happened to a stream. */
  record OfStream(StreamEvent event) implements ConnectionEvent {}

  /** DATAGRAM frames can be read. */
  record DatagramsReadable() implements ConnectionEvent {}

  /** The peer's address changed and was validated. */
  record Migrated(java.net.InetSocketAddress remote) implements ConnectionEvent {}

  /** The connection is over; no stream works any more. Told once. */
  record Closed(TerminationCause cause) implements ConnectionEvent {}
}
