package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;

/**
 * Unreliable datagrams (RFC 9221). Both queues are bounded by bytes; the oldest datagram gives way,
 * because late news is worth least.
 */
final class DatagramQueues {
  /** Bookkeeping that a queued datagram costs beside its bytes. */
  private static final int OVERHEAD_BYTES = 32;

  private final int maxFrameBytes;
  private final int queueBytes;
  private final ArrayDeque<byte[]> outgoing = new ArrayDeque<>();
  private final ArrayDeque<byte[]> incoming = new ArrayDeque<>();
  private int outgoingBytes;
  private int incomingBytes;
  private long peerMaxFrameBytes;
  private long dropped;
  private boolean news;

  DatagramQueues(int maxFrameBytes, int queueBytes) {
    this.maxFrameBytes = maxFrameBytes;
    this.queueBytes = queueBytes;
  }

  void setPeerMaxFrameBytes(long bytes) {
    peerMaxFrameBytes = bytes;
  }

  /** Largest payload that fits a packet of that size and the peer takes; -1 if it takes none. */
  int maxPayloadBytes(int packetRoom) {
    return peerMaxFrameBytes == 0 ? -1 : (int) Math.min(peerMaxFrameBytes, packetRoom) - 3;
  }

  void send(byte[] payload) {
    outgoing.add(payload);
    outgoingBytes += payload.length + OVERHEAD_BYTES;
    while (outgoingBytes > queueBytes && outgoing.size() > 1) {
      outgoingBytes -= outgoing.poll().length + OVERHEAD_BYTES;
      dropped++;
    }
  }

  boolean hasPending() {
    return !outgoing.isEmpty();
  }

  /** Writes what fits; a datagram that fits no packet (the MTU shrank) is dropped. */
  boolean writeFrames(ByteBuffer packet, int fullPacketRoom) {
    boolean wrote = false;
    while (!outgoing.isEmpty()) {
      Frame.Datagram frame = new Frame.Datagram(ByteBuffer.wrap(outgoing.peek()));
      int size = FrameWriter.size(frame);
      if (size > packet.remaining()) {
        if (size <= fullPacketRoom) {
          return wrote;
        }
        dropped++;
      } else {
        FrameWriter.write(packet, frame);
        wrote = true;
      }
      outgoingBytes -= outgoing.poll().length + OVERHEAD_BYTES;
    }
    return wrote;
  }

  void receive(Frame.Datagram frame) throws TransportException {
    int length = frame.data().remaining();
    if (maxFrameBytes == 0 || length > maxFrameBytes) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "datagram larger than agreed");
    }
    byte[] copy = new byte[length];
    frame.data().duplicate().get(copy);
    incoming.add(copy);
    news = true;
    incomingBytes += length + OVERHEAD_BYTES;
    while (incomingBytes > queueBytes && incoming.size() > 1) {
      incomingBytes -= incoming.poll().length + OVERHEAD_BYTES;
      dropped++;
    }
  }

  byte @Nullable [] read() {
    byte[] payload = incoming.poll();
    if (payload != null) {
      incomingBytes -= payload.length + OVERHEAD_BYTES;
    }
    return payload;
  }

  /** Whether datagrams arrived since the last call. */
  boolean takeNews() {
    boolean was = news;
    news = false;
    return was;
  }

  long dropped() {
    return dropped;
  }
}
