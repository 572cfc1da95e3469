package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.stream.StreamLimits;

/**
 * What an endpoint offers and tolerates on its connections; every limit of this package by name.
 *
 * @param idleTimeoutMillis after this silence a connection is forgotten (RFC 9000 §10.1)
 * @param keepAliveNanos a PING goes out after this silence, 0 for never; NATs forget faster than
 *     peers
 * @param maxDatagramFrameBytes largest DATAGRAM frame taken (RFC 9221), 0 refuses them
 * @param datagramQueueBytes bytes of DATAGRAM frames held in each direction; the oldest give way
 * @param maxMtuBytes upper end of the search for the path MTU, UDP payload
 * @param keyUpdatePackets packets sealed with one key before this side updates it; the AEAD's limit
 *     bounds it anyway
 * @param streams windows, stream counts and buffers
 * @param issuesTokens whether a server gives clients a token that spares them a Retry next time
 *     (NEW_TOKEN, RFC 9000 §8.1.3); good for the life of the endpoint; plain iroh issues none
 */
public record TransportConfig(
    long idleTimeoutMillis,
    long keepAliveNanos,
    int maxDatagramFrameBytes,
    int datagramQueueBytes,
    int maxMtuBytes,
    long keyUpdatePackets,
    StreamLimits streams,
    boolean issuesTokens) {

  /**
   * RFC 9000 §14: the smallest datagram size QUIC works with, and that of datagrams with Initials.
   */
  public static final int MIN_MTU_BYTES = 1200;

  /** The largest UDP payload received; what iroh says too (transport.md §3.2). */
  public static final int MAX_UDP_PAYLOAD_BYTES = 1472;

  /** Length of the connection ids issued here. */
  public static final int LOCAL_CONNECTION_ID_LENGTH = 8;

  /** Connection ids of the peer stored at once; iroh's own value. */
  static final int ACTIVE_CONNECTION_ID_LIMIT = 5;

  /** Connection ids of ours that the peer may hold at once. */
  static final int MAX_ISSUED_CONNECTION_IDS = 5;

  /** Retired ids of the peer still to be told; more is an attack (RFC 9000 §5.1.2). */
  static final int MAX_PENDING_RETIREMENTS = 50;

  /**
   * RFC 9000 §18.2: the default max_ack_delay and ack_delay_exponent; both sides of iroh use them.
   */
  static final long MAX_ACK_DELAY_NANOS = 25_000_000;

  static final int ACK_DELAY_EXPONENT = 3;

  /** CRYPTO bytes buffered ahead of a gap, per level (RFC 9000 §7.5 demands at least 4096). */
  static final int CRYPTO_BUFFER_BYTES = 32 * 1024;

  /** Packets kept because their keys are not there yet (RFC 9000 §5.7). */
  static final int MAX_UNDECRYPTABLE_PACKETS = 10;

  /**
   * Longest token taken, of Retry or NEW_TOKEN: it is repeated in every Initial and must leave room
   * for more.
   */
  static final int MAX_TOKEN_BYTES = 512;

  /** Tokens of NEW_TOKEN that wait for the endpoint to store them; older ones give way. */
  static final int MAX_NEW_TOKENS = 4;

  /** Pieces of CRYPTO data buffered ahead of a gap, per level. */
  static final int MAX_CRYPTO_PIECES = 128;

  /** A handshake that takes longer is given up, however often the peer is heard of. */
  static final long HANDSHAKE_TIMEOUT_NANOS = 30_000_000_000L;

  /** Bytes of the reason that goes with a close; the rest is cut off. */
  static final int MAX_REASON_BYTES = 512;

  /** PATH_RESPONSEs waiting to be sent; older challenges give way (RFC 9000 §8.2.2). */
  static final int MAX_PENDING_PATH_RESPONSES = 4;

  /** Packets coalesced in one datagram that are looked at. */
  static final int MAX_COALESCED_PACKETS = 8;

  /** Key update after this many packets: far below the 2^23 of AES-GCM (RFC 9001 §6.6). */
  private static final long DEFAULT_KEY_UPDATE_PACKETS = 1L << 22;

  /** iroh's defaults, with windows for fast long paths. */
  public static TransportConfig defaults() {
    return new TransportConfig(
        30_000,
        5_000_000_000L,
        65_535,
        1 << 20,
        1452,
        DEFAULT_KEY_UPDATE_PACKETS,
        StreamLimits.defaults(),
        false);
  }

  /** The same with another idle timeout. */
  public TransportConfig withIdleTimeoutMillis(long millis) {
    return new TransportConfig(
        millis,
        keepAliveNanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        maxMtuBytes,
        keyUpdatePackets,
        streams,
        issuesTokens);
  }

  /** The same with another keep-alive, 0 for none. */
  public TransportConfig withKeepAliveNanos(long nanos) {
    return new TransportConfig(
        idleTimeoutMillis,
        nanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        maxMtuBytes,
        keyUpdatePackets,
        streams,
        issuesTokens);
  }

  /** The same with key updates after so many packets. */
  public TransportConfig withKeyUpdatePackets(long packets) {
    return new TransportConfig(
        idleTimeoutMillis,
        keepAliveNanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        maxMtuBytes,
        packets,
        streams,
        issuesTokens);
  }

  /** The same with other stream limits. */
  public TransportConfig withStreams(StreamLimits limits) {
    return new TransportConfig(
        idleTimeoutMillis,
        keepAliveNanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        maxMtuBytes,
        keyUpdatePackets,
        limits,
        issuesTokens);
  }

  /** The same with another upper end of the MTU search. */
  public TransportConfig withMaxMtuBytes(int bytes) {
    return new TransportConfig(
        idleTimeoutMillis,
        keepAliveNanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        bytes,
        keyUpdatePackets,
        streams,
        issuesTokens);
  }

  /** The same with other limits on DATAGRAM frames; a largest frame of 0 refuses them. */
  public TransportConfig withDatagrams(int maxFrameBytes, int queueBytes) {
    return new TransportConfig(
        idleTimeoutMillis,
        keepAliveNanos,
        maxFrameBytes,
        queueBytes,
        maxMtuBytes,
        keyUpdatePackets,
        streams,
        issuesTokens);
  }

  /** The same with tokens for later connections. */
  public TransportConfig withTokens() {
    return new TransportConfig(
        idleTimeoutMillis,
        keepAliveNanos,
        maxDatagramFrameBytes,
        datagramQueueBytes,
        maxMtuBytes,
        keyUpdatePackets,
        streams,
        true);
  }
}
