package org.veilor.seed.quic.params;

import org.jspecify.annotations.Nullable;

/** The ranges of RFC 9000 §18.2, the same for what we send and what we accept. */
final class ParameterRanges {
  private static final int MIN_MAX_UDP_PAYLOAD_SIZE = 1200;
  private static final int MAX_ACK_DELAY_EXPONENT = 20;
  private static final int MAX_ACK_DELAY_BOUND_MILLIS = 1 << 14;
  private static final long MAX_STREAMS = 1L << 60;

  private ParameterRanges() {}

  /** What is out of range, or null. */
  static @Nullable String problem(TransportParameters.Builder p) {
    if (p.maxUdpPayloadSize < MIN_MAX_UDP_PAYLOAD_SIZE) {
      return "max_udp_payload_size below 1200";
    }
    if (p.initialMaxStreamsBidi > MAX_STREAMS || p.initialMaxStreamsUni > MAX_STREAMS) {
      return "initial_max_streams above 2^60";
    }
    if (p.ackDelayExponent > MAX_ACK_DELAY_EXPONENT) {
      return "ack_delay_exponent above 20";
    }
    if (p.maxAckDelayMillis >= MAX_ACK_DELAY_BOUND_MILLIS) {
      return "max_ack_delay of 2^14 or more";
    }
    if (p.activeConnectionIdLimit < TransportParameters.DEFAULT_ACTIVE_CONNECTION_ID_LIMIT) {
      return "active_connection_id_limit below 2";
    }
    return null;
  }
}
