package org.veilor.seed.quic.path;

import java.net.InetSocketAddress;

/**
 * A 4-tuple as far as an endpoint knows it.
 *
 * @param local the socket that received or sends: its bound address
 * @param remote the peer's address
 */
public record NetworkPath(InetSocketAddress local, InetSocketAddress remote) {}
