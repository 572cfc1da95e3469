package org.veilor.seed.quic.error;

import java.util.Locale;

/**
 * What the peer sent ends the connection: the connection answers with CONNECTION_CLOSE (0x1c) of
 * this code. It has no stack trace, because hostile input must stay cheap.
 */
public final class TransportException extends Exception {
  private static final long serialVersionUID = 1L;

  /** TLS alerts are the codes {@code 0x100 | alert} (RFC 9001 §4.8). */
  private static final long CRYPTO_ERROR = 0x100;

  private final long code;
  private final long frameType;
  private final String reason;

  /** An error that no single frame caused. */
  public TransportException(TransportErrorCode code, String reason) {
    this(code.code(), 0, reason);
  }

  /** An error that a frame of type {@code frameType} caused. */
  public TransportException(TransportErrorCode code, long frameType, String reason) {
    this(code.code(), frameType, reason);
  }

  private TransportException(long code, long frameType, String reason) {
    super(
        "0x" + Long.toHexString(code).toLowerCase(Locale.ROOT) + " " + reason, null, false, false);
    this.code = code;
    this.frameType = frameType;
    this.reason = reason;
  }

  /** A TLS alert, RFC 9001 §4.8. */
  public static TransportException crypto(int tlsAlert, String reason) {
    return new TransportException(CRYPTO_ERROR | (tlsAlert & 0xff), 0, reason);
  }

  /** The error code for CONNECTION_CLOSE. */
  public long code() {
    return code;
  }

  /** The type of the frame that caused it, 0 if none. */
  public long frameType() {
    return frameType;
  }

  /** The reason phrase for CONNECTION_CLOSE; holds nothing secret. */
  public String reason() {
    return reason;
  }
}
