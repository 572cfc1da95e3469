package org.veilor.seed.quic.error;

/** The transport error codes of RFC 9000 §20.1. */
public enum TransportErrorCode {
  /** The connection is closed without an error. */
  NO_ERROR(0x00),
  /** A bug on this side, or a local limit that has no code of its own. */
  INTERNAL_ERROR(0x01),
  /** The server does not accept a new connection. */
  CONNECTION_REFUSED(0x02),
  /** The peer sent more data than its credit allows. */
  FLOW_CONTROL_ERROR(0x03),
  /** The peer opened more streams than allowed. */
  STREAM_LIMIT_ERROR(0x04),
  /** A frame for a stream in a state that does not permit it. */
  STREAM_STATE_ERROR(0x05),
  /** The final size of a stream changed or lies below data already received. */
  FINAL_SIZE_ERROR(0x06),
  /** A frame that cannot be parsed. */
  FRAME_ENCODING_ERROR(0x07),
  /** Transport parameters that cannot be parsed, are forbidden or do not fit the connection. */
  TRANSPORT_PARAMETER_ERROR(0x08),
  /** More connection ids than the advertised limit. */
  CONNECTION_ID_LIMIT_ERROR(0x09),
  /** A violation that no other code describes better. */
  PROTOCOL_VIOLATION(0x0a),
  /** A client's Initial carried an invalid Retry token. */
  INVALID_TOKEN(0x0b),
  /** The application closed the connection during the handshake. */
  APPLICATION_ERROR(0x0c),
  /** More CRYPTO data waiting than this side buffers. */
  CRYPTO_BUFFER_EXCEEDED(0x0d),
  /** A key update that came too early or went wrong. */
  KEY_UPDATE_ERROR(0x0e),
  /** The limit of an AEAD is reached (RFC 9001 §6.6). */
  AEAD_LIMIT_REACHED(0x0f),
  /** No path can carry packets. */
  NO_VIABLE_PATH(0x10);

  private final long code;

  TransportErrorCode(long code) {
    this.code = code;
  }

  /** The code on the wire. */
  public long code() {
    return code;
  }
}
