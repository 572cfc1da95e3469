package org.veilor.seed.quic.endpoint;

import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionEvent;

/**
 * Something happened on a connection.
 *
 * @param connection where; an incoming one is seen here first when it is established
 * @param event what
 */
public record EndpointEvent(Connection connection, ConnectionEvent event) {}
