package org.veilor.seed.net;

import java.net.InetSocketAddress;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.quic.connection.ConnectionStats;

/**
 * An established connection at one moment.
 *
 * @param address where the peer is
 * @param isDialled whether this side dialled
 */
public record ConnectionReport(
    EndpointId remoteId,
    InetSocketAddress address,
    String alpn,
    boolean isDialled,
    ConnectionStats stats) {}
