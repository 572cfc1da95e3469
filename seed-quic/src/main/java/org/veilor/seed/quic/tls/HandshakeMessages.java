package org.veilor.seed.quic.tls;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/** Cuts the CRYPTO stream into handshake messages: type, 24-bit length, body (RFC 8446 §4). */
final class HandshakeMessages {
  static final int HEADER_LENGTH = 4;

  private byte[] message = new byte[HEADER_LENGTH];
  private int filled;

  /**
   * Takes bytes up to the end of a message and returns it with its header, or null if more are
   * needed.
   *
   * @throws TransportException CRYPTO_BUFFER_EXCEEDED if the message is larger than {@link
   *     TlsLimits#MAX_MESSAGE_LENGTH}
   */
  byte @Nullable [] next(ByteBuffer in) throws TransportException {
    fill(in);
    if (filled == HEADER_LENGTH && message.length == HEADER_LENGTH) {
      int length = HEADER_LENGTH + (ByteBuffer.wrap(message).getInt() & 0xff_ffff);
      if (length > TlsLimits.MAX_MESSAGE_LENGTH) {
        throw new TransportException(
            TransportErrorCode.CRYPTO_BUFFER_EXCEEDED, "TLS message of " + length + " bytes");
      }
      byte[] whole = new byte[length];
      System.arraycopy(message, 0, whole, 0, HEADER_LENGTH);
      message = whole;
      fill(in);
    }
    if (filled < message.length) {
      return null;
    }
    byte[] complete = message;
    message = new byte[HEADER_LENGTH];
    filled = 0;
    return complete;
  }

  private void fill(ByteBuffer in) {
    int length = Math.min(in.remaining(), message.length - filled);
    in.get(message, filled, length);
    filled += length;
  }
}
