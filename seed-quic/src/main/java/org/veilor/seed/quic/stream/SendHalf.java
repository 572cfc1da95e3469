package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import java.util.List;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.recovery.SentFrame;

/**
 * The sending half of a stream: what it still has to say, and whether it may (RFC 9000 §3.1, §4.1).
 */
final class SendHalf {
  /** Frames with less data are not worth their header, unless they are all there is. */
  private static final int MIN_DATA = 16;

  private final long id;
  private final SendBuffer buffer = new SendBuffer();
  private SendState state = SendState.READY;
  private long limit;
  private boolean isFinished; // the application wrote its last byte
  private boolean finToSend;
  private boolean finAcked;
  private long resetCode;

  SendHalf(long id, long limit) {
    this.id = id;
    this.limit = limit;
  }

  SendState state() {
    return state;
  }

  long bufferedBytes() {
    return buffer.bufferedBytes();
  }

  /** Bytes sent at least once; the final size after a reset. */
  long sentBytes() {
    return buffer.sentEnd();
  }

  long resetCode() {
    return resetCode;
  }

  /** Whether the application may still write. */
  boolean isWritable() {
    return state.isSending() && !isFinished;
  }

  void write(byte[] data, int offset, int length) {
    buffer.append(data, offset, length);
  }

  /** No more will be written. */
  void finish() {
    if (isWritable()) {
      isFinished = true;
      finToSend = true;
    }
  }

  /**
   * Abandons the stream, if that still matters.
   *
   * @return whether RESET_STREAM has to be sent
   */
  boolean reset(long code) {
    if (!state.isSending()) {
      return false;
    }
    state = SendState.RESET_SENT;
    resetCode = code;
    finToSend = false;
    buffer.discard();
    return true;
  }

  /** The peer's credit for this stream; never shrinks. */
  void raiseLimit(long newLimit) {
    limit = Math.max(limit, newLimit);
  }

  boolean hasLost() {
    return state.isSending() && buffer.hasLost();
  }

  /** Whether new data or a FIN could be sent, given the credit of the connection. */
  boolean canSendNew(long connectionCredit) {
    if (!state.isSending()) {
      return false;
    }
    return buffer.unsentBytes() == 0 ? finToSend : connectionCredit > 0 && buffer.sentEnd() < limit;
  }

  /** Whether only the credit of the connection is missing. */
  boolean isBlockedByConnection() {
    return state.isSending() && buffer.unsentBytes() > 0 && buffer.sentEnd() < limit;
  }

  /**
   * Writes one frame with bytes that were lost.
   *
   * @return whether it fitted
   */
  boolean writeLost(ByteBuffer packet, List<SentFrame> sent) {
    long offset = buffer.lostOffset();
    int length = writeFrame(packet, sent, offset, buffer.lostLength());
    if (length > 0) {
      buffer.markResent(offset, length);
    }
    return length > 0;
  }

  /**
   * Writes one frame with bytes never sent, or with the FIN alone.
   *
   * @return the number of bytes, -1 if nothing fitted
   */
  int writeNew(ByteBuffer packet, List<SentFrame> sent, long connectionCredit) {
    long allowed = Math.min(connectionCredit, limit - buffer.sentEnd());
    long available = Math.min(buffer.unsentBytes(), Math.max(0, allowed));
    int length = writeFrame(packet, sent, buffer.sentEnd(), available);
    if (length > 0) {
      buffer.markSent(length);
    }
    return length;
  }

  private int writeFrame(ByteBuffer packet, List<SentFrame> sent, long offset, long available) {
    int length = fittingLength(packet.remaining(), offset, available);
    if (length < 0) {
      return -1;
    }
    int bare = FrameWriter.streamHeaderSize(id, offset, length, false);
    boolean explicitLength = bare + length != packet.remaining();
    boolean fin = isFinished && offset + length == buffer.end();
    FrameWriter.writeStreamHeader(packet, id, offset, length, fin, explicitLength);
    if (length > 0) {
      buffer.copyTo(packet, offset, length);
    }
    sent.add(new SentFrame.StreamData(id, offset, length, fin));
    if (fin) {
      finToSend = false;
      state = SendState.DATA_SENT;
    } else if (state == SendState.READY) {
      state = SendState.SEND;
    }
    return length;
  }

  /** How many bytes go into a frame, -1 if it is not worth while. */
  private int fittingLength(int room, long offset, long available) {
    int most = room - FrameWriter.streamHeaderSize(id, offset, 0, false);
    if (most < Math.min(available, MIN_DATA)) {
      return -1;
    }
    if (available >= most) {
      return most; // ends the packet, needs no length
    }
    int length = (int) available;
    int excess = FrameWriter.streamHeaderSize(id, offset, length, true) + length - room;
    return excess > 0 ? length - excess : length;
  }

  /**
   * The peer has the bytes of a frame.
   *
   * @return whether this completed the stream
   */
  boolean onAcked(long offset, int length, boolean fin) {
    if (!state.isSending()) {
      return false;
    }
    buffer.onAcked(offset, length);
    if (fin) {
      finAcked = true;
      finToSend = false;
    }
    if (finAcked && buffer.isAllAcked()) {
      state = SendState.DATA_RECVD;
      return true;
    }
    return false;
  }

  /** A frame was lost. */
  void onLost(long offset, int length, boolean fin) {
    if (!state.isSending()) {
      return;
    }
    buffer.onLost(offset, length);
    if (fin && !finAcked) {
      finToSend = true;
    }
  }

  /** RESET_STREAM was acknowledged. */
  void onResetAcked() {
    if (state == SendState.RESET_SENT) {
      state = SendState.RESET_RECVD;
    }
  }
}
