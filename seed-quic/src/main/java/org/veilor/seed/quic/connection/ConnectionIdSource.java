package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.packet.ConnectionId;

/** Where a connection gets new connection ids and their stateless reset tokens: its endpoint. */
public interface ConnectionIdSource {
  /** A fresh id of {@link TransportConfig#LOCAL_CONNECTION_ID_LENGTH} bytes. */
  ConnectionId newConnectionId();

  /**
   * The 16 bytes with which this endpoint, even after a restart, resets the connection of this id.
   */
  byte[] resetTokenFor(ConnectionId id);
}
