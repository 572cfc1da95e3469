package org.veilor.seed.node.daemon;

import java.net.InetSocketAddress;
import org.veilor.seed.core.identity.EndpointId;

/**
 * A connection to a peer at one moment.
 *
 * @param address where the peer is
 * @param protocol its ALPN
 * @param isDialled whether this node dialled
 * @param sentBytes UDP payload, and likewise what was received
 */
public record PeerLinkReport(
    EndpointId peer,
    InetSocketAddress address,
    String protocol,
    boolean isDialled,
    long sentBytes,
    long receivedBytes,
    long roundTripNanos) {}
