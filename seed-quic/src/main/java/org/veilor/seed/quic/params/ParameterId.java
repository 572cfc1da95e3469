package org.veilor.seed.quic.params;

/** Ids of the transport parameters we know, RFC 9000 §18.2 and RFC 9221 §3. */
final class ParameterId {
  static final int ORIGINAL_DESTINATION_CONNECTION_ID = 0x00;
  static final int MAX_IDLE_TIMEOUT = 0x01;
  static final int STATELESS_RESET_TOKEN = 0x02;
  static final int MAX_UDP_PAYLOAD_SIZE = 0x03;
  static final int INITIAL_MAX_DATA = 0x04;
  static final int INITIAL_MAX_STREAM_DATA_BIDI_LOCAL = 0x05;
  static final int INITIAL_MAX_STREAM_DATA_BIDI_REMOTE = 0x06;
  static final int INITIAL_MAX_STREAM_DATA_UNI = 0x07;
  static final int INITIAL_MAX_STREAMS_BIDI = 0x08;
  static final int INITIAL_MAX_STREAMS_UNI = 0x09;
  static final int ACK_DELAY_EXPONENT = 0x0a;
  static final int MAX_ACK_DELAY = 0x0b;
  static final int DISABLE_ACTIVE_MIGRATION = 0x0c;
  static final int PREFERRED_ADDRESS = 0x0d;
  static final int ACTIVE_CONNECTION_ID_LIMIT = 0x0e;
  static final int INITIAL_SOURCE_CONNECTION_ID = 0x0f;
  static final int RETRY_SOURCE_CONNECTION_ID = 0x10;
  static final int MAX_DATAGRAM_FRAME_SIZE = 0x20;

  /** Ids {@code 31 * N + 27} are reserved to be ignored, RFC 9000 §18.1. */
  static final int GREASE_FACTOR = 31;

  static final int GREASE_OFFSET = 27;

  private ParameterId() {}
}
