package org.veilor.seed.quic.frame;

import static org.veilor.seed.quic.error.TransportErrorCode.FRAME_ENCODING_ERROR;
import static org.veilor.seed.quic.error.TransportErrorCode.PROTOCOL_VIOLATION;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.VarInt;

/**
 * Reads the frames of one decrypted packet, and makes all the checks of RFC 9000 §12.4 and §19 that
 * need no state. Any bytes may come in; nothing but {@link TransportException} goes out.
 */
public final class FrameReader {
  private static final int STREAM_FIN = 0x01;
  private static final int STREAM_LENGTH = 0x02;
  private static final int STREAM_OFFSET = 0x04;

  private final ByteBuffer in;
  private final PacketType packet;
  private long type;

  /**
   * @param payload the plaintext between position and limit; big-endian; its position is moved
   * @param packet the kind of packet it came in: INITIAL, ZERO_RTT, HANDSHAKE or ONE_RTT
   */
  public FrameReader(ByteBuffer payload, PacketType packet) {
    this.in = payload;
    this.packet = packet;
  }

  /** Whether bytes are left. */
  public boolean hasNext() {
    return in.hasRemaining();
  }

  /**
   * The next frame; data in it is a slice of the payload.
   *
   * @throws TransportException FRAME_ENCODING_ERROR if it is unknown or cannot be parsed,
   *     PROTOCOL_VIOLATION if it must not be in this kind of packet
   */
  public Frame next() throws TransportException {
    type = 0;
    try {
      int start = in.position();
      type = VarInt.read(in);
      // RFC 9000 §12.4: an endpoint MAY treat the receipt of a frame type that uses a longer
      // encoding
      // than necessary as a connection error of type PROTOCOL_VIOLATION.
      if (in.position() - start != VarInt.size(type)) {
        throw new TransportException(PROTOCOL_VIOLATION, type, "frame type is not minimal");
      }
      checkPermitted();
      return body();
    } catch (BufferUnderflowException e) {
      throw malformed("frame is truncated");
    }
  }

  private Frame body() throws TransportException {
    return switch ((int) type) {
      case 0x00 -> padding();
      case 0x01 -> new Frame.Ping();
      case 0x02, 0x03 -> ack();
      case 0x04 -> new Frame.ResetStream(varInt(), varInt(), varInt());
      case 0x05 -> new Frame.StopSending(varInt(), varInt());
      case 0x06 -> crypto();
      case 0x07 -> newToken();
      case 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f -> stream();
      case 0x10 -> new Frame.MaxData(varInt());
      case 0x11 -> new Frame.MaxStreamData(varInt(), varInt());
      case 0x12, 0x13 -> new Frame.MaxStreams(type == 0x12, streamCount());
      case 0x14 -> new Frame.DataBlocked(varInt());
      case 0x15 -> new Frame.StreamDataBlocked(varInt(), varInt());
      case 0x16, 0x17 -> new Frame.StreamsBlocked(type == 0x16, streamCount());
      case 0x18 -> newConnectionId();
      case 0x19 -> new Frame.RetireConnectionId(varInt());
      case 0x1a -> new Frame.PathChallenge(in.getLong());
      case 0x1b -> new Frame.PathResponse(in.getLong());
      case 0x1c -> new Frame.ConnectionClose(varInt(), varInt(), reason());
      case 0x1d -> new Frame.ApplicationClose(varInt(), reason());
      case 0x1e -> new Frame.HandshakeDone();
      case 0x30 -> new Frame.Datagram(slice(in.remaining()));
      case 0x31 -> new Frame.Datagram(slice(varInt()));
      default -> throw malformed("unknown frame type");
    };
  }

  /** RFC 9000 §12.4, Table 3, column "Pkts". */
  private void checkPermitted() throws TransportException {
    if (type > 0x31 || (type > 0x1e && type < 0x30)) {
      throw malformed("unknown frame type");
    }
    int code = (int) type;
    boolean permitted =
        switch (packet) {
          case INITIAL, HANDSHAKE ->
              switch (code) {
                case 0x00, 0x01, 0x02, 0x03, 0x06, 0x1c -> true;
                default -> false;
              };
          case ZERO_RTT ->
              switch (code) {
                case 0x02, 0x03, 0x06, 0x07, 0x19, 0x1b, 0x1e -> false;
                default -> true;
              };
          case ONE_RTT -> true;
          case RETRY, VERSION_NEGOTIATION -> false;
        };
    if (!permitted) {
      throw new TransportException(
          PROTOCOL_VIOLATION, type, "frame is not permitted in " + packet + " packets");
    }
  }

  private Frame padding() {
    int length = 1;
    int position = in.position();
    int limit = in.limit();
    while (position < limit && in.get(position) == 0) {
      position++;
      length++;
    }
    in.position(position);
    return new Frame.Padding(length);
  }

  private Frame ack() throws TransportException {
    long largest = varInt();
    long delay = varInt();
    long moreRanges = varInt();
    // Every further range takes at least two bytes.
    if (moreRanges > in.remaining() / 2) {
      throw malformed("more ACK ranges than bytes");
    }
    int kept = (int) Math.min(moreRanges + 1, FrameLimits.MAX_ACK_RANGES);
    long[] ranges = new long[2 * kept];
    long rangeLargest = largest;
    for (int i = 0; i <= moreRanges; i++) {
      if (i > 0) {
        // RFC 9000 §19.3.1: largest = previous_smallest - gap - 2
        rangeLargest -= varInt() + 2;
      }
      long rangeSmallest = rangeLargest - varInt();
      if (rangeLargest < 0 || rangeSmallest < 0) {
        throw malformed("ACK of a negative packet number");
      }
      if (i < kept) {
        ranges[2 * i] = rangeSmallest;
        ranges[2 * i + 1] = rangeLargest;
      }
      rangeLargest = rangeSmallest;
    }
    @Nullable EcnCounts ecn = type == 0x03 ? new EcnCounts(varInt(), varInt(), varInt()) : null;
    return new Frame.Ack(largest, delay, ranges, ecn);
  }

  private Frame crypto() throws TransportException {
    long offset = varInt();
    ByteBuffer data = slice(varInt());
    checkEnd(offset, data);
    return new Frame.Crypto(offset, data);
  }

  private Frame newToken() throws TransportException {
    long length = varInt();
    if (length == 0) {
      throw malformed("empty token");
    }
    return new Frame.NewToken(bytes(length));
  }

  private Frame stream() throws TransportException {
    long id = varInt();
    long offset = (type & STREAM_OFFSET) != 0 ? varInt() : 0;
    ByteBuffer data = slice((type & STREAM_LENGTH) != 0 ? varInt() : in.remaining());
    checkEnd(offset, data);
    return new Frame.Stream(id, offset, data, (type & STREAM_FIN) != 0);
  }

  /** RFC 9000 §19.6, §19.8: the largest offset delivered on a stream cannot exceed 2^62 - 1. */
  private void checkEnd(long offset, ByteBuffer data) throws TransportException {
    if (offset + data.remaining() > VarInt.MAX) {
      throw malformed("data ends beyond 2^62 - 1");
    }
  }

  private Frame newConnectionId() throws TransportException {
    long sequence = varInt();
    long retirePriorTo = varInt();
    int length = in.get() & 0xff;
    if (length < 1 || length > ConnectionId.MAX_LENGTH) {
      throw malformed("connection id of " + length + " bytes");
    }
    if (retirePriorTo > sequence) {
      throw malformed("retires its own connection id");
    }
    ConnectionId id = ConnectionId.of(bytes(length));
    return new Frame.NewConnectionId(
        sequence, retirePriorTo, id, bytes(FrameLimits.RESET_TOKEN_LENGTH));
  }

  private long streamCount() throws TransportException {
    long count = varInt();
    if (count > FrameLimits.MAX_STREAMS) {
      throw malformed("more than 2^60 streams");
    }
    return count;
  }

  private String reason() throws TransportException {
    return new String(bytes(varInt()), StandardCharsets.UTF_8);
  }

  private long varInt() {
    return VarInt.read(in);
  }

  private byte[] bytes(long length) throws TransportException {
    byte[] copy = new byte[checkRemaining(length)];
    in.get(copy);
    return copy;
  }

  private ByteBuffer slice(long length) throws TransportException {
    int size = checkRemaining(length);
    ByteBuffer slice = in.slice(in.position(), size);
    in.position(in.position() + size);
    return slice;
  }

  private int checkRemaining(long length) throws TransportException {
    if (length > in.remaining()) {
      throw malformed("frame reaches beyond the packet");
    }
    return (int) length;
  }

  private TransportException malformed(String reason) {
    return new TransportException(FRAME_ENCODING_ERROR, type, reason);
  }
}
