package org.veilor.seed.quic.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.packet.VarInt;

/** Writes frames in their shortest form, RFC 9000 §19. The caller makes sure that they fit. */
public final class FrameWriter {
  private static final int STREAM = 0x08;
  private static final int STREAM_FIN = 0x01;
  private static final int STREAM_LENGTH = 0x02;
  private static final int STREAM_OFFSET = 0x04;

  private FrameWriter() {}

  /** Appends a frame; of frames with data, the position of the data stays where it is. */
  public static void write(ByteBuffer out, Frame frame) {
    switch (frame) {
      case Frame.Padding f -> writePadding(out, f.length());
      case Frame.Ack f -> writeAck(out, f.largest(), f.ackDelay(), f.ranges(), f.ecn());
      case Frame.Crypto f -> {
        writeCryptoHeader(out, f.offset(), f.data().remaining());
        out.put(f.data().duplicate());
      }
      case Frame.NewToken f -> {
        writeNumbers(out, f.type(), f.token().length);
        out.put(f.token());
      }
      case Frame.Stream f -> {
        writeStreamHeader(out, f.streamId(), f.offset(), f.data().remaining(), f.fin(), true);
        out.put(f.data().duplicate());
      }
      case Frame.NewConnectionId f -> {
        writeNumbers(out, f.type(), f.sequence(), f.retirePriorTo());
        out.put((byte) f.id().length());
        f.id().writeTo(out);
        out.put(f.token());
      }
      case Frame.PathChallenge f -> out.put((byte) f.type()).putLong(f.data());
      case Frame.PathResponse f -> out.put((byte) f.type()).putLong(f.data());
      case Frame.ConnectionClose f -> {
        writeNumbers(out, f.type(), f.code(), f.frameType());
        writeReason(out, f.reason());
      }
      case Frame.ApplicationClose f -> {
        writeNumbers(out, f.type(), f.code());
        writeReason(out, f.reason());
      }
      case Frame.Datagram f -> {
        writeNumbers(out, f.type(), f.data().remaining());
        out.put(f.data().duplicate());
      }
      case Frame.Ping f -> writeNumbers(out, f.type());
      case Frame.HandshakeDone f -> writeNumbers(out, f.type());
      case Frame.ResetStream f ->
          writeNumbers(out, f.type(), f.streamId(), f.errorCode(), f.finalSize());
      case Frame.StopSending f -> writeNumbers(out, f.type(), f.streamId(), f.errorCode());
      case Frame.MaxData f -> writeNumbers(out, f.type(), f.max());
      case Frame.MaxStreamData f -> writeNumbers(out, f.type(), f.streamId(), f.max());
      case Frame.MaxStreams f -> writeNumbers(out, f.type(), f.max());
      case Frame.DataBlocked f -> writeNumbers(out, f.type(), f.limit());
      case Frame.StreamDataBlocked f -> writeNumbers(out, f.type(), f.streamId(), f.limit());
      case Frame.StreamsBlocked f -> writeNumbers(out, f.type(), f.limit());
      case Frame.RetireConnectionId f -> writeNumbers(out, f.type(), f.sequence());
    }
  }

  /** Bytes that {@link #write} appends. */
  public static int size(Frame frame) {
    return switch (frame) {
      case Frame.Padding f -> f.length();
      case Frame.Ack f -> ackSize(f.largest(), f.ackDelay(), f.ranges(), f.ecn());
      case Frame.Crypto f ->
          cryptoHeaderSize(f.offset(), f.data().remaining()) + f.data().remaining();
      case Frame.NewToken f -> sizes(f.type(), f.token().length) + f.token().length;
      case Frame.Stream f ->
          streamHeaderSize(f.streamId(), f.offset(), f.data().remaining(), true)
              + f.data().remaining();
      case Frame.NewConnectionId f ->
          sizes(f.type(), f.sequence(), f.retirePriorTo())
              + 1
              + f.id().length()
              + FrameLimits.RESET_TOKEN_LENGTH;
      case Frame.PathChallenge f -> sizes(f.type()) + Long.BYTES;
      case Frame.PathResponse f -> sizes(f.type()) + Long.BYTES;
      case Frame.ConnectionClose f ->
          sizes(f.type(), f.code(), f.frameType()) + reasonSize(f.reason());
      case Frame.ApplicationClose f -> sizes(f.type(), f.code()) + reasonSize(f.reason());
      case Frame.Datagram f -> sizes(f.type(), f.data().remaining()) + f.data().remaining();
      case Frame.Ping f -> sizes(f.type());
      case Frame.HandshakeDone f -> sizes(f.type());
      case Frame.ResetStream f -> sizes(f.type(), f.streamId(), f.errorCode(), f.finalSize());
      case Frame.StopSending f -> sizes(f.type(), f.streamId(), f.errorCode());
      case Frame.MaxData f -> sizes(f.type(), f.max());
      case Frame.MaxStreamData f -> sizes(f.type(), f.streamId(), f.max());
      case Frame.MaxStreams f -> sizes(f.type(), f.max());
      case Frame.DataBlocked f -> sizes(f.type(), f.limit());
      case Frame.StreamDataBlocked f -> sizes(f.type(), f.streamId(), f.limit());
      case Frame.StreamsBlocked f -> sizes(f.type(), f.limit());
      case Frame.RetireConnectionId f -> sizes(f.type(), f.sequence());
    };
  }

  /** Bytes of a STREAM frame before its data. */
  public static int streamHeaderSize(
      long streamId, long offset, int length, boolean explicitLength) {
    return 1
        + VarInt.size(streamId)
        + (offset > 0 ? VarInt.size(offset) : 0)
        + (explicitLength ? VarInt.size(length) : 0);
  }

  /** Writes a STREAM frame up to its data; without explicit length the data must end the packet. */
  public static void writeStreamHeader(
      ByteBuffer out, long streamId, long offset, int length, boolean fin, boolean explicitLength) {
    int type = STREAM | (fin ? STREAM_FIN : 0);
    type |= (explicitLength ? STREAM_LENGTH : 0) | (offset > 0 ? STREAM_OFFSET : 0);
    out.put((byte) type);
    VarInt.write(out, streamId);
    if (offset > 0) {
      VarInt.write(out, offset);
    }
    if (explicitLength) {
      VarInt.write(out, length);
    }
  }

  /** Bytes of a CRYPTO frame before its data. */
  public static int cryptoHeaderSize(long offset, int length) {
    return 1 + VarInt.size(offset) + VarInt.size(length);
  }

  /** Writes a CRYPTO frame up to its data. */
  public static void writeCryptoHeader(ByteBuffer out, long offset, int length) {
    out.put((byte) 0x06);
    VarInt.write(out, offset);
    VarInt.write(out, length);
  }

  /** Bytes of an ACK frame, arguments as in {@link Frame.Ack}. */
  public static int ackSize(long largest, long ackDelay, long[] ranges, @Nullable EcnCounts ecn) {
    int size = 1 + VarInt.size(largest) + VarInt.size(ackDelay);
    size += VarInt.size(ranges.length / 2 - 1) + VarInt.size(largest - ranges[0]);
    for (int i = 2; i < ranges.length; i += 2) {
      size += VarInt.size(ranges[i - 2] - ranges[i + 1] - 2);
      size += VarInt.size(ranges[i + 1] - ranges[i]);
    }
    return ecn == null ? size : size + sizes(ecn.ect0(), ecn.ect1(), ecn.ce());
  }

  /** Writes an ACK frame, arguments as in {@link Frame.Ack}; at least one range. */
  public static void writeAck(
      ByteBuffer out, long largest, long ackDelay, long[] ranges, @Nullable EcnCounts ecn) {
    out.put((byte) (ecn == null ? 0x02 : 0x03));
    VarInt.write(out, largest);
    VarInt.write(out, ackDelay);
    VarInt.write(out, ranges.length / 2 - 1);
    VarInt.write(out, largest - ranges[0]);
    for (int i = 2; i < ranges.length; i += 2) {
      // RFC 9000 §19.3.1: the gap is one less than the number of unacknowledged packets
      VarInt.write(out, ranges[i - 2] - ranges[i + 1] - 2);
      VarInt.write(out, ranges[i + 1] - ranges[i]);
    }
    if (ecn != null) {
      writeNumbers(out, ecn.ect0(), ecn.ect1(), ecn.ce());
    }
  }

  private static void writePadding(ByteBuffer out, int length) {
    for (int i = 0; i < length; i++) {
      out.put((byte) 0);
    }
  }

  private static void writeReason(ByteBuffer out, String reason) {
    byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
    VarInt.write(out, bytes.length);
    out.put(bytes);
  }

  private static int reasonSize(String reason) {
    int length = reason.getBytes(StandardCharsets.UTF_8).length;
    return VarInt.size(length) + length;
  }

  private static void writeNumbers(ByteBuffer out, long... numbers) {
    for (long number : numbers) {
      VarInt.write(out, number);
    }
  }

  private static int sizes(long... numbers) {
    int size = 0;
    for (long number : numbers) {
      size += VarInt.size(number);
    }
    return size;
  }
}
