package org.veilor.seed.blobs.protocol;

/**
 * The application error codes of RESET_STREAM, STOP_SENDING and CONNECTION_CLOSE (iroh-blobs {@code
 * protocol.rs}; a second enum in that file is never used).
 */
public enum ErrorCode {
  /** Nothing is wrong: the rest of a stream is not wanted, or an endpoint closes. */
  NONE(0),
  /** The peer may not have this. */
  PERMISSION(1),
  /** Too much at the moment; later may be fine. */
  LIMIT(2),
  /** Everything else. "Not found" is among it. */
  INTERNAL(3);

  private final long code;

  ErrorCode(long code) {
    this.code = code;
  }

  /** The number on the wire. */
  public long code() {
    return code;
  }
}
