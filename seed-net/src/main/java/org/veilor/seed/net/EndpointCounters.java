package org.veilor.seed.net;

import org.veilor.seed.quic.endpoint.EndpointStats;

/**
 * Figures of an endpoint for people.
 *
 * @param quic connections, handshakes, refusals
 * @param receivedDatagrams UDP datagrams and their bytes since the start
 * @param isEpoll whether the sockets use epoll and not the NIO fallback
 */
public record EndpointCounters(
    EndpointStats quic,
    long receivedDatagrams,
    long receivedBytes,
    long sentDatagrams,
    long sentBytes,
    boolean isEpoll) {}
