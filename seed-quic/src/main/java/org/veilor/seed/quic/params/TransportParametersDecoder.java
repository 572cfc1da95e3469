package org.veilor.seed.quic.params;

import static org.veilor.seed.quic.error.TransportErrorCode.TRANSPORT_PARAMETER_ERROR;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.FrameLimits;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.VarInt;

/**
 * Reads transport parameters as strictly as iroh does: known ones at most once, numbers in their
 * shortest encoding, exact lengths, ranges. Unknown ones are skipped.
 */
final class TransportParametersDecoder {
  /** Address and port of both families, an empty connection id and its token. */
  private static final int PREFERRED_ADDRESS_BASE_LENGTH = 4 + 2 + 16 + 2 + 1 + 16;

  private static final int PREFERRED_ADDRESS_ID_LENGTH_OFFSET = 4 + 2 + 16 + 2;

  private final ByteBuffer in;
  private final boolean fromServer;
  private final TransportParameters.Builder out = new TransportParameters.Builder();
  private long seen;

  TransportParametersDecoder(byte[] bytes, boolean fromServer) {
    this.in = ByteBuffer.wrap(bytes);
    this.fromServer = fromServer;
  }

  TransportParameters decode() throws TransportException {
    try {
      while (in.hasRemaining()) {
        long id = VarInt.read(in);
        long length = VarInt.read(in);
        if (length > in.remaining()) {
          throw error("parameter reaches beyond the extension");
        }
        ByteBuffer value = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        if (id < Long.SIZE) {
          parameter((int) id, value);
        }
      }
    } catch (BufferUnderflowException e) {
      throw error("truncated parameter");
    }
    @Nullable String problem = ParameterRanges.problem(out);
    if (problem != null) {
      throw error(problem);
    }
    return out.unchecked();
  }

  private void parameter(int id, ByteBuffer value) throws TransportException {
    boolean known = true;
    switch (id) {
      case ParameterId.ORIGINAL_DESTINATION_CONNECTION_ID ->
          out.originalDestination = connectionId(serverOnly(value));
      case ParameterId.STATELESS_RESET_TOKEN ->
          out.statelessResetToken = resetToken(serverOnly(value));
      case ParameterId.PREFERRED_ADDRESS ->
          out.preferredAddress = preferredAddress(serverOnly(value));
      case ParameterId.RETRY_SOURCE_CONNECTION_ID ->
          out.retrySource = connectionId(serverOnly(value));
      case ParameterId.INITIAL_SOURCE_CONNECTION_ID -> out.initialSource = connectionId(value);
      case ParameterId.DISABLE_ACTIVE_MIGRATION -> {
        checkEmpty(value);
        out.disableActiveMigration = true;
      }
      case ParameterId.MAX_IDLE_TIMEOUT -> out.maxIdleTimeoutMillis = number(value);
      case ParameterId.MAX_UDP_PAYLOAD_SIZE -> out.maxUdpPayloadSize = number(value);
      case ParameterId.INITIAL_MAX_DATA -> out.initialMaxData = number(value);
      case ParameterId.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL ->
          out.initialMaxStreamDataBidiLocal = number(value);
      case ParameterId.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE ->
          out.initialMaxStreamDataBidiRemote = number(value);
      case ParameterId.INITIAL_MAX_STREAM_DATA_UNI -> out.initialMaxStreamDataUni = number(value);
      case ParameterId.INITIAL_MAX_STREAMS_BIDI -> out.initialMaxStreamsBidi = number(value);
      case ParameterId.INITIAL_MAX_STREAMS_UNI -> out.initialMaxStreamsUni = number(value);
      case ParameterId.ACK_DELAY_EXPONENT -> out.ackDelayExponent = smallNumber(value);
      case ParameterId.MAX_ACK_DELAY -> out.maxAckDelayMillis = smallNumber(value);
      case ParameterId.ACTIVE_CONNECTION_ID_LIMIT -> out.activeConnectionIdLimit = number(value);
      case ParameterId.MAX_DATAGRAM_FRAME_SIZE -> out.maxDatagramFrameSize = number(value);
      default -> known = false;
    }
    if (known) {
      checkFirst(id);
    }
  }

  /**
   * RFC 9000 §7.4: an endpoint SHOULD treat receipt of duplicate transport parameters as an error.
   */
  private void checkFirst(int id) throws TransportException {
    if ((seen & 1L << id) != 0) {
      throw error("duplicate parameter 0x" + Integer.toHexString(id));
    }
    seen |= 1L << id;
  }

  private ByteBuffer serverOnly(ByteBuffer value) throws TransportException {
    if (!fromServer) {
      throw error("a client sent a parameter of servers");
    }
    return value;
  }

  private static long number(ByteBuffer value) throws TransportException {
    int length = value.remaining();
    long number = VarInt.read(value);
    if (value.hasRemaining() || length != VarInt.size(number)) {
      throw error("number is not minimal");
    }
    return number;
  }

  /** Numbers whose range is checked later; larger ones stay out of range. */
  private static int smallNumber(ByteBuffer value) throws TransportException {
    return (int) Math.min(number(value), Integer.MAX_VALUE);
  }

  private static ConnectionId connectionId(ByteBuffer value) throws TransportException {
    if (value.remaining() > ConnectionId.MAX_LENGTH) {
      throw error("connection id of " + value.remaining() + " bytes");
    }
    return ConnectionId.of(bytes(value));
  }

  private static byte[] resetToken(ByteBuffer value) throws TransportException {
    if (value.remaining() != FrameLimits.RESET_TOKEN_LENGTH) {
      throw error("stateless reset token of " + value.remaining() + " bytes");
    }
    return bytes(value);
  }

  private static byte[] preferredAddress(ByteBuffer value) throws TransportException {
    int idLength = value.remaining() - PREFERRED_ADDRESS_BASE_LENGTH;
    // RFC 9000 §18.2: a zero-length connection ID here is an error of type
    // TRANSPORT_PARAMETER_ERROR.
    if (idLength < 1
        || idLength > ConnectionId.MAX_LENGTH
        || value.get(PREFERRED_ADDRESS_ID_LENGTH_OFFSET) != idLength) {
      throw error("malformed preferred address");
    }
    return bytes(value);
  }

  private static void checkEmpty(ByteBuffer value) throws TransportException {
    if (value.hasRemaining()) {
      throw error("disable_active_migration has a value");
    }
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return bytes;
  }

  private static TransportException error(String reason) {
    return new TransportException(TRANSPORT_PARAMETER_ERROR, reason);
  }
}
