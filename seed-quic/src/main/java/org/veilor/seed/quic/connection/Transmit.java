package org.veilor.seed.quic.connection;

import java.util.List;
import org.veilor.seed.quic.path.NetworkPath;

/**
 * Datagrams to send, already in the caller's buffer from its beginning.
 *
 * @param networkPath from where to where
 * @param copies other paths that get the same bytes: a client knocks at every known address of a
 *     peer
 * @param length bytes in the buffer
 * @param segmentBytes size of each datagram but the last, which may be shorter: a train for GSO
 */
public record Transmit(
    NetworkPath networkPath, List<NetworkPath> copies, int length, int segmentBytes) {}
