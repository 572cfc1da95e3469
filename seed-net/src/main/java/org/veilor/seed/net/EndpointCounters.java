package org.veilor.seed.net;

import org.veilor.seed.quic.endpoint.EndpointStats;

/**
 * Figures of an endpoint for people.
 *
 * @param quic connections, handshakes, refusals
 * @param receivedDatagrams UDP datagrams and their bytes since the start
 * @param sentTrains writes to a socket that the datagrams took: trains of equal ones cross at once
 * @param isEpoll whether the sockets use epoll and not the NIO fallback
 */
public record EndpointCounters(
    EndpointStats quic,
    long receivedDatagrams,
    long receivedBytes,
    long sentDatagrams,
    long sentTrains,
    long sentBytes,
    boolean isEpoll) {}
