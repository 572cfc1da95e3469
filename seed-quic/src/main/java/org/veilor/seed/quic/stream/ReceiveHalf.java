package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/**
 * The receiving half of a stream (RFC 9000 §3.2, §4.5).
 *
 * <p>The surprising choice: a RESET_STREAM does not take away what arrived in order before it. The
 * application reads that first and then learns of the reset; what waited behind a gap is dropped.
 */
final class ReceiveHalf {
  private static final long UNKNOWN = -1;

  private final ReassemblyBuffer buffer;
  private final ReceiveWindow window;
  private ReceiveState state = ReceiveState.RECV;
  private long highestOffset;
  private long finalSize = UNKNOWN;
  private long resetCode = UNKNOWN;
  private boolean isUnwanted; // the application asked to stop
  private long stopCode;

  ReceiveHalf(ReceiveWindow window, int maxGaps) {
    this.window = window;
    this.buffer = new ReassemblyBuffer(maxGaps);
  }

  ReceiveState state() {
    return state;
  }

  ReceiveWindow window() {
    return window;
  }

  /** The code of RESET_STREAM, -1 if there was none. */
  long resetCode() {
    return resetCode;
  }

  long stopCode() {
    return stopCode;
  }

  int readableBytes() {
    return buffer.readableBytes();
  }

  /** Whether STOP_SENDING makes sense: the peer may still send new data. */
  boolean wantsStop() {
    return isUnwanted && state == ReceiveState.RECV;
  }

  /** Whether MAX_STREAM_DATA makes sense. */
  boolean wantsCredit() {
    return !isUnwanted && state == ReceiveState.RECV;
  }

  /** The highest offset that arrived. */
  long highestOffset() {
    return highestOffset;
  }

  /** Bytes received, and neither read nor dropped. */
  long unconsumedBytes() {
    return highestOffset - window.consumed();
  }

  /**
   * Checks a STREAM or RESET_STREAM frame before anything changes.
   *
   * @param end end of its data, or the final size
   * @param isFinal whether the end is the final size
   * @return by how much it raises the highest offset
   * @throws TransportException FINAL_SIZE_ERROR or FLOW_CONTROL_ERROR
   */
  long check(long end, boolean isFinal, long frameType) throws TransportException {
    boolean contradicts =
        finalSize != UNKNOWN
            ? (isFinal ? end != finalSize : end > finalSize)
            : isFinal && end < highestOffset;
    if (contradicts) {
      throw new TransportException(
          TransportErrorCode.FINAL_SIZE_ERROR, frameType, "the final size of a stream changed");
    }
    if (end > window.limit()) {
      throw new TransportException(
          TransportErrorCode.FLOW_CONTROL_ERROR, frameType, "more data than the stream may have");
    }
    return Math.max(0, end - highestOffset);
  }

  /**
   * Takes a checked STREAM frame.
   *
   * @return whether there is something new to read
   * @throws TransportException INTERNAL_ERROR if too many pieces wait behind gaps
   */
  boolean onStream(long offset, ByteBuffer data, boolean fin, long frameType)
      throws TransportException {
    long end = offset + data.remaining();
    highestOffset = Math.max(highestOffset, end);
    if (fin) {
      finalSize = end;
    }
    if (state != ReceiveState.RECV && state != ReceiveState.SIZE_KNOWN) {
      return false;
    }
    if (isUnwanted) {
      if (finalSize != UNKNOWN) {
        state = ReceiveState.RESET_READ;
      }
      return false;
    }
    int before = buffer.readableBytes();
    if (!buffer.insert(offset, data)) {
      throw new TransportException(
          TransportErrorCode.INTERNAL_ERROR, frameType, "too many pieces wait behind gaps");
    }
    if (finalSize != UNKNOWN) {
      boolean isComplete = buffer.contiguousEnd() == finalSize;
      state = isComplete ? ReceiveState.DATA_RECVD : ReceiveState.SIZE_KNOWN;
    }
    return buffer.readableBytes() > before || state == ReceiveState.DATA_RECVD;
  }

  /**
   * Takes a checked RESET_STREAM frame.
   *
   * @return whether the application has to know
   */
  boolean onReset(long code, long size) {
    if (state != ReceiveState.RECV && state != ReceiveState.SIZE_KNOWN) {
      return false;
    }
    highestOffset = Math.max(highestOffset, size);
    finalSize = size;
    resetCode = code;
    buffer.discardWaiting();
    state = isUnwanted ? ReceiveState.RESET_READ : ReceiveState.RESET_RECVD;
    return !isUnwanted;
  }

  /** Bytes that arrived, or count as arrived, and that nobody will read. */
  long droppedBytes() {
    return isUnwanted || resetCode != UNKNOWN
        ? highestOffset - window.consumed() - buffer.readableBytes()
        : 0;
  }

  /** Moves bytes out. */
  int read(byte[] target, int offset, int length) {
    return buffer.read(target, offset, length);
  }

  /** All bytes were read: the answer of a read now, and the end of this half if there is one. */
  int readEnd() {
    return switch (state) {
      case RECV, SIZE_KNOWN -> isUnwanted ? Streams.RESET : 0;
      case DATA_RECVD, DATA_READ -> {
        state = ReceiveState.DATA_READ;
        yield isUnwanted ? Streams.RESET : Streams.END;
      }
      case RESET_RECVD, RESET_READ -> {
        state = ReceiveState.RESET_READ;
        yield Streams.RESET;
      }
    };
  }

  /** The application wants nothing more. */
  void stop(long code) {
    if (isUnwanted) {
      return;
    }
    isUnwanted = true;
    stopCode = code;
    buffer.discard();
    switch (state) {
      // With the final size known there is nothing left to save by STOP_SENDING.
      case SIZE_KNOWN, RESET_RECVD -> state = ReceiveState.RESET_READ;
      case DATA_RECVD -> state = ReceiveState.DATA_READ;
      case RECV, DATA_READ, RESET_READ -> {}
    }
  }
}
