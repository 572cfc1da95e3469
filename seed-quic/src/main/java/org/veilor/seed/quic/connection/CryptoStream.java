package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.recovery.SentFrame;

/**
 * The CRYPTO stream of one encryption level (RFC 9000 §7.5, §19.6), both directions.
 *
 * <p>A handshake is a few kilobytes, so everything sent is kept in one array until the level is
 * dropped, and what has to be sent or sent again is a queue of ranges in it.
 */
final class CryptoStream {
  private byte[] outgoing = new byte[0];
  private final ArrayDeque<Range> toSend = new ArrayDeque<>();
  private final TreeMap<Long, byte[]> ahead = new TreeMap<>();
  private long received; // bytes handed on in order
  private int aheadBytes;

  private record Range(int from, int to) {}

  /** Queues handshake bytes. */
  void send(byte[] bytes) {
    int from = outgoing.length;
    outgoing = Arrays.copyOf(outgoing, from + bytes.length);
    System.arraycopy(bytes, 0, outgoing, from, bytes.length);
    toSend.add(new Range(from, outgoing.length));
  }

  boolean hasPending() {
    return !toSend.isEmpty();
  }

  /** Writes as many CRYPTO frames as fit. */
  void writeFrames(ByteBuffer packet, List<SentFrame> sent) {
    while (!toSend.isEmpty()) {
      Range range = toSend.peek();
      int room = packet.remaining() - FrameWriter.cryptoHeaderSize(range.from, packet.remaining());
      int length = Math.min(range.to - range.from, room);
      if (length <= 0) {
        return;
      }
      FrameWriter.writeCryptoHeader(packet, range.from, length);
      packet.put(outgoing, range.from, length);
      sent.add(new SentFrame.Crypto(range.from, length));
      toSend.poll();
      if (range.from + length < range.to) {
        toSend.push(new Range(range.from + length, range.to));
      }
    }
  }

  /** What was lost is sent again, before anything newer. */
  void onLost(SentFrame.Crypto frame) {
    toSend.push(new Range((int) frame.offset(), (int) frame.offset() + frame.length()));
  }

  /** Sends everything from the start again, as after a Retry. */
  void restart() {
    toSend.clear();
    toSend.add(new Range(0, outgoing.length));
  }

  /**
   * Takes a frame in.
   *
   * @throws TransportException CRYPTO_BUFFER_EXCEEDED if it lies too far ahead of a gap
   */
  void receive(Frame.Crypto frame) throws TransportException {
    int length = frame.data().remaining();
    if (frame.offset() + length <= received || length == 0) {
      return;
    }
    if (frame.offset() + length - received > TransportConfig.CRYPTO_BUFFER_BYTES
        || aheadBytes + length > 2 * TransportConfig.CRYPTO_BUFFER_BYTES
        || (ahead.size() >= TransportConfig.MAX_CRYPTO_PIECES && frame.offset() > received)) {
      throw new TransportException(
          TransportErrorCode.CRYPTO_BUFFER_EXCEEDED, frame.type(), "too many handshake bytes");
    }
    byte[] old = ahead.get(frame.offset());
    if (old != null && old.length >= length) {
      return;
    }
    byte[] copy = new byte[length];
    frame.data().duplicate().get(copy);
    ahead.put(frame.offset(), copy);
    aheadBytes += length - (old == null ? 0 : old.length);
  }

  /** The next bytes in order, or null while there is a gap. */
  @Nullable ByteBuffer nextInOrder() {
    while (true) {
      Map.Entry<Long, byte[]> first = ahead.firstEntry();
      if (first == null || first.getKey() > received) {
        return null;
      }
      ahead.pollFirstEntry();
      byte[] bytes = first.getValue();
      aheadBytes -= bytes.length;
      int skip = (int) (received - first.getKey());
      if (skip < bytes.length) {
        received += bytes.length - skip;
        return ByteBuffer.wrap(bytes, skip, bytes.length - skip).slice();
      }
    }
  }
}
