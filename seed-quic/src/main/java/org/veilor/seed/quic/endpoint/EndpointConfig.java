package org.veilor.seed.quic.endpoint;

import java.util.List;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.tls.TlsIdentity;

/**
 * What an endpoint is and what it lets in.
 *
 * @param identity the Ed25519 key that is this endpoint
 * @param alpns protocols accepted, the most wanted first
 * @param suites cipher suites in the order a client offers them
 * @param resetKey 32 bytes from which stateless reset tokens come; the same after a restart, so
 *     that peers of the endpoint's former life learn at once that it is over
 * @param maxConnections connections at once; more are refused
 * @param maxHandshakes unfinished incoming handshakes at once; beyond, newcomers are dropped
 * @param retryAboveHandshakes from so many unfinished handshakes on, newcomers prove their address
 *     first (RFC 9000 §8.1.2)
 */
@SuppressWarnings("ArrayRecordComponent") // configuration, never compared
public record EndpointConfig(
    TlsIdentity identity,
    List<byte[]> alpns,
    List<CipherSuite> suites,
    byte[] resetKey,
    TransportConfig transport,
    int maxConnections,
    int maxHandshakes,
    int retryAboveHandshakes) {

  /** Servers whose tokens a client remembers. */
  static final int MAX_TOKEN_SERVERS = 256;

  /** Tokens remembered of one server: dials at the same time each take one. */
  static final int MAX_TOKENS_PER_SERVER = 2;

  /** Stateless packets (Retry, Version Negotiation, refusals, resets) waiting for the socket. */
  static final int MAX_STATELESS_QUEUE = 256;

  /** Stateless resets a second: enough after a restart, too few to be of use to anybody else. */
  static final int MAX_RESETS_PER_SECOND = 200;

  /** RFC 9000 §7.2: the least length of a client's first Destination Connection ID. */
  static final int MIN_INITIAL_DESTINATION_LENGTH = 8;
}
