package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.recovery.SentFrame;

/**
 * Decides which stream frame comes next: control frames, then what was lost, then new data.
 *
 * <p>Streams take turns: one STREAM frame, then the next stream. A stream with much data fills its
 * packet, so a turn is mostly a packet. Streams that wait for credit of the connection are kept
 * aside and cost nothing per packet; streams that wait for credit of their own are in no queue at
 * all.
 */
final class SendScheduler {
  private final ReceiveWindow connectionWindow;
  private final PeerStreams[] peerStreams;
  private final LocalStreams[] localStreams;
  private final ArrayDeque<StreamEntry> control = new ArrayDeque<>();
  private final ArrayDeque<StreamEntry> lost = new ArrayDeque<>();
  private final ArrayDeque<StreamEntry> ready = new ArrayDeque<>();
  private final ArrayDeque<StreamEntry> blocked = new ArrayDeque<>();
  private final boolean[] maxStreamsDue = new boolean[Direction.COUNT];
  private boolean maxDataDue;
  private long connectionLimit;
  private long connectionSent;

  /** The streams' two kinds as indices of arrays. */
  static final class Direction {
    static final int COUNT = 2;

    private Direction() {}

    static int of(boolean bidirectional) {
      return bidirectional ? 0 : 1;
    }

    static boolean isBidirectional(int index) {
      return index == 0;
    }
  }

  SendScheduler(
      ReceiveWindow connectionWindow, PeerStreams[] peerStreams, LocalStreams[] localStreams) {
    this.connectionWindow = connectionWindow;
    this.peerStreams = peerStreams;
    this.localStreams = localStreams;
  }

  /** The peer's credit for all streams together; never shrinks. */
  void raiseConnectionLimit(long limit) {
    if (limit <= connectionLimit) {
      return;
    }
    connectionLimit = limit;
    for (StreamEntry entry = blocked.poll(); entry != null; entry = blocked.poll()) {
      entry.inBlockedQueue = false;
      offerData(entry);
    }
  }

  private long connectionCredit() {
    return connectionLimit - connectionSent;
  }

  void setMaxDataDue() {
    maxDataDue = true;
  }

  void setMaxStreamsDue(boolean bidirectional) {
    maxStreamsDue[Direction.of(bidirectional)] = true;
  }

  /** Queues a stream for its due control frames. */
  void offerControl(StreamEntry entry) {
    if (!entry.inControlQueue && entry.hasControl()) {
      entry.inControlQueue = true;
      control.add(entry);
    }
  }

  /** Queues a stream that may have lost bytes. */
  void offerLost(StreamEntry entry) {
    if (!entry.inLostQueue && hasLost(entry)) {
      entry.inLostQueue = true;
      lost.add(entry);
    }
  }

  /** Queues a stream that may have new bytes or a FIN. */
  void offerData(StreamEntry entry) {
    SendHalf send = entry.send;
    if (send == null || entry.inReadyQueue) {
      return;
    }
    if (send.canSendNew(connectionCredit())) {
      entry.inReadyQueue = true;
      ready.add(entry);
    } else if (send.isBlockedByConnection() && !entry.inBlockedQueue) {
      entry.inBlockedQueue = true;
      blocked.add(entry);
    }
  }

  /** A stream is gone. The other queues drop it by themselves, this one waits for the peer. */
  void forget(StreamEntry entry) {
    if (entry.inBlockedQueue) {
      entry.inBlockedQueue = false;
      blocked.remove(entry);
    }
  }

  /** Whether a packet with enough room would carry something. */
  boolean hasPending() {
    return maxDataDue
        || maxStreamsDue[0]
        || maxStreamsDue[1]
        || localStreams[0].isBlockedFrameDue()
        || localStreams[1].isBlockedFrameDue()
        || nextControl() != null
        || nextLost() != null
        || nextReady() != null;
  }

  // The heads of the queues, after dropping entries that have nothing to say any more.

  private @Nullable StreamEntry nextControl() {
    StreamEntry entry = control.peek();
    while (entry != null && !entry.hasControl()) {
      control.remove();
      entry.inControlQueue = false;
      entry = control.peek();
    }
    return entry;
  }

  private @Nullable StreamEntry nextLost() {
    StreamEntry entry = lost.peek();
    while (entry != null && !hasLost(entry)) {
      lost.remove();
      entry.inLostQueue = false;
      entry = lost.peek();
    }
    return entry;
  }

  private @Nullable StreamEntry nextReady() {
    StreamEntry entry = ready.peek();
    while (entry != null && !canSendNew(entry)) {
      ready.remove();
      entry.inReadyQueue = false;
      offerData(entry);
      entry = ready.peek();
    }
    return entry;
  }

  private static boolean hasLost(StreamEntry entry) {
    return entry.send != null && entry.send.hasLost();
  }

  private boolean canSendNew(StreamEntry entry) {
    return entry.send != null && entry.send.canSendNew(connectionCredit());
  }

  /** Writes what fits; returns whether STREAMS_BLOCKED is among it. */
  boolean writeFrames(ByteBuffer packet, List<SentFrame> sent) {
    writeConnectionFrames(packet, sent);
    boolean isBlockedFrameWritten = writeBlockedFrames(packet);
    writeControlFrames(packet, sent);
    writeLostData(packet, sent);
    writeNewData(packet, sent);
    return isBlockedFrameWritten;
  }

  private boolean writeBlockedFrames(ByteBuffer packet) {
    boolean isWritten = false;
    for (int i = 0; i < Direction.COUNT; i++) {
      boolean bidirectional = Direction.isBidirectional(i);
      if (localStreams[i].isBlockedFrameDue()
          && tryWrite(packet, new Frame.StreamsBlocked(bidirectional, localStreams[i].limit()))) {
        localStreams[i].onBlockedFrameSent();
        isWritten = true;
      }
    }
    return isWritten;
  }

  private void writeConnectionFrames(ByteBuffer packet, List<SentFrame> sent) {
    if (maxDataDue && tryWrite(packet, new Frame.MaxData(connectionWindow.raise()))) {
      maxDataDue = false;
      sent.add(new SentFrame.MaxData());
    }
    for (int i = 0; i < Direction.COUNT; i++) {
      boolean bidirectional = Direction.isBidirectional(i);
      if (maxStreamsDue[i]
          && tryWrite(packet, new Frame.MaxStreams(bidirectional, peerStreams[i].raise()))) {
        maxStreamsDue[i] = false;
        sent.add(new SentFrame.MaxStreams(bidirectional));
      }
    }
  }

  private static boolean tryWrite(ByteBuffer packet, Frame frame) {
    if (FrameWriter.size(frame) > packet.remaining()) {
      return false;
    }
    FrameWriter.write(packet, frame);
    return true;
  }

  private void writeControlFrames(ByteBuffer packet, List<SentFrame> sent) {
    for (StreamEntry entry = nextControl(); entry != null; entry = nextControl()) {
      if (!writeControl(entry, packet, sent)) {
        return;
      }
    }
  }

  /** Writes all due control frames of a stream; false if one did not fit. */
  private static boolean writeControl(StreamEntry entry, ByteBuffer packet, List<SentFrame> sent) {
    SendHalf send = entry.send;
    if (send != null && entry.isResetDue()) {
      if (!tryWrite(packet, new Frame.ResetStream(entry.id, send.resetCode(), send.sentBytes()))) {
        return false;
      }
      sent.add(new SentFrame.ResetStream(entry.id));
    }
    entry.resetDue = false;
    ReceiveHalf receive = entry.receive;
    if (receive != null && entry.isStopDue()) {
      if (!tryWrite(packet, new Frame.StopSending(entry.id, receive.stopCode()))) {
        return false;
      }
      sent.add(new SentFrame.StopSending(entry.id));
    }
    entry.stopDue = false;
    if (receive != null && entry.isCreditDue()) {
      if (!tryWrite(packet, new Frame.MaxStreamData(entry.id, receive.window().raise()))) {
        return false;
      }
      sent.add(new SentFrame.MaxStreamData(entry.id));
    }
    entry.creditDue = false;
    return true;
  }

  private void writeLostData(ByteBuffer packet, List<SentFrame> sent) {
    for (StreamEntry entry = nextLost(); entry != null; entry = nextLost()) {
      if (entry.send == null || !entry.send.writeLost(packet, sent)) {
        return;
      }
      if (hasLost(entry)) {
        lost.add(lost.remove());
      }
    }
  }

  private void writeNewData(ByteBuffer packet, List<SentFrame> sent) {
    for (StreamEntry entry = nextReady(); entry != null; entry = nextReady()) {
      SendHalf send = entry.send;
      int length = send == null ? -1 : send.writeNew(packet, sent, connectionCredit());
      if (length < 0) {
        return;
      }
      connectionSent += length;
      ready.remove();
      entry.inReadyQueue = false;
      offerData(entry);
    }
  }
}
