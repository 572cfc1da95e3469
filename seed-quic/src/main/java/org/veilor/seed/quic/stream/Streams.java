package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.recovery.RttEstimator;
import org.veilor.seed.quic.recovery.SentFrame;
import org.veilor.seed.quic.stream.SendScheduler.Direction;

/**
 * All streams of a connection and their flow control (RFC 9000 §2 to §4, §13.3).
 *
 * <p>Frames of the peer come in through {@code on…}, the application calls the verbs in the middle,
 * packets are filled by {@link #writeFrames}, and the fate of what they carried comes back through
 * {@link #onAcked} and {@link #onLost}. A stream is freed when both halves are in a terminal state:
 * the sending half when everything (or the reset) was acknowledged, the receiving half when the
 * application has read the end or the reset, or asked to stop. Its id is never used again, and
 * frames that still arrive for it are ignored.
 *
 * <p>STOP_SENDING is answered with RESET_STREAM of the same code at once (§3.5). DATA_BLOCKED and
 * STREAM_DATA_BLOCKED are never sent, as in noq: receivers give credit by themselves.
 */
public final class Streams {
  /** {@link #read}: nothing more will come, everything was read. */
  public static final int END = -1;

  /** {@link #read}: the stream ended early, see {@link #resetCode}. */
  public static final int RESET = -2;

  private final boolean isClient;
  private final StreamLimits limits;
  private final StreamTable table = new StreamTable();
  private final StreamEvents events = new StreamEvents(table);
  private final SendRoom sendRoom;
  private final PeerStreams[] peerStreams;
  private final LocalStreams[] localStreams = {new LocalStreams(), new LocalStreams()};
  private final ReceiveWindow connectionWindow;
  private final SendScheduler scheduler;
  private long receivedBytes; // the sum of the highest offsets of all streams
  private long smoothedRttNanos = RttEstimator.INITIAL_RTT_NANOS;
  private long nowNanos;
  private long peerWindowLocal; // our credit on bidirectional streams the peer opens
  private long peerWindowRemote; // our credit on bidirectional streams we open
  private long peerWindowUnidirectional;

  /** No streams yet, and no credit before {@link #setPeerParameters}. */
  public Streams(boolean isClient, StreamLimits limits) {
    this.isClient = isClient;
    this.limits = limits;
    this.sendRoom = new SendRoom(limits, events);
    this.peerStreams =
        new PeerStreams[] {
          new PeerStreams(limits.maxBidirectional()), new PeerStreams(limits.maxUnidirectional())
        };
    this.connectionWindow =
        new ReceiveWindow(limits.initialConnectionWindow(), limits.maxConnectionWindow(), 0);
    this.scheduler = new SendScheduler(connectionWindow, peerStreams, localStreams);
  }

  /** The peer's transport parameters: the initial credit to send (RFC 9000 §4.1, §4.6). */
  public void setPeerParameters(TransportParameters peer) {
    peerWindowLocal = peer.initialMaxStreamDataBidiLocal();
    peerWindowRemote = peer.initialMaxStreamDataBidiRemote();
    peerWindowUnidirectional = peer.initialMaxStreamDataUni();
    scheduler.raiseConnectionLimit(peer.initialMaxData());
    raiseStreamLimit(true, peer.initialMaxStreamsBidi());
    raiseStreamLimit(false, peer.initialMaxStreamsUni());
  }

  /** The smoothed round-trip time, for the tuning of receive windows. */
  public void setRttNanos(long smoothedRttNanos) {
    this.smoothedRttNanos = smoothedRttNanos;
  }

  // ---- frames of the peer

  /**
   * A STREAM frame arrived.
   *
   * @throws TransportException STREAM_LIMIT_ERROR, STREAM_STATE_ERROR, FINAL_SIZE_ERROR,
   *     FLOW_CONTROL_ERROR, or INTERNAL_ERROR if too many pieces wait behind gaps
   */
  public void onStream(Frame.Stream frame, long now) throws TransportException {
    nowNanos = now;
    StreamEntry entry = receivingStream(frame.streamId(), frame.type());
    if (entry == null || entry.receive == null) {
      return;
    }
    ReceiveHalf receive = entry.receive;
    long end = frame.offset() + frame.data().remaining();
    accept(receive.check(end, frame.fin(), frame.type()), frame.type());
    boolean hasNews = receive.onStream(frame.offset(), frame.data(), frame.fin(), frame.type());
    if (hasNews) {
      events.addReadable(entry);
    }
    consume(receive, receive.droppedBytes());
    freeIfDone(entry);
  }

  /**
   * A RESET_STREAM frame arrived.
   *
   * @throws TransportException STREAM_LIMIT_ERROR, STREAM_STATE_ERROR, FINAL_SIZE_ERROR,
   *     FLOW_CONTROL_ERROR
   */
  public void onResetStream(Frame.ResetStream frame) throws TransportException {
    StreamEntry entry = receivingStream(frame.streamId(), frame.type());
    if (entry == null || entry.receive == null) {
      return;
    }
    ReceiveHalf receive = entry.receive;
    accept(receive.check(frame.finalSize(), true, frame.type()), frame.type());
    if (receive.onReset(frame.errorCode(), frame.finalSize())) {
      events.add(new StreamEvent.ResetByPeer(entry.id, frame.errorCode()));
    }
    consume(receive, receive.droppedBytes());
    freeIfDone(entry);
  }

  /**
   * The connection's part of flow control: all bytes count, those of resets too (RFC 9000 §4.5).
   */
  private void accept(long newBytes, long frameType) throws TransportException {
    if (newBytes > connectionWindow.limit() - receivedBytes) {
      throw new TransportException(
          TransportErrorCode.FLOW_CONTROL_ERROR,
          frameType,
          "more data than the connection may have");
    }
    receivedBytes += newBytes;
  }

  /**
   * A STOP_SENDING frame arrived.
   *
   * @throws TransportException STREAM_LIMIT_ERROR, STREAM_STATE_ERROR
   */
  public void onStopSending(Frame.StopSending frame) throws TransportException {
    StreamEntry entry = sendingStream(frame.streamId(), frame.type());
    if (entry != null && resetSendHalf(entry, frame.errorCode())) {
      events.add(new StreamEvent.Stopped(entry.id, frame.errorCode()));
    }
  }

  /** A MAX_DATA frame arrived. */
  public void onMaxData(Frame.MaxData frame) {
    scheduler.raiseConnectionLimit(frame.max());
  }

  /**
   * A MAX_STREAM_DATA frame arrived.
   *
   * @throws TransportException STREAM_LIMIT_ERROR, STREAM_STATE_ERROR
   */
  public void onMaxStreamData(Frame.MaxStreamData frame) throws TransportException {
    StreamEntry entry = sendingStream(frame.streamId(), frame.type());
    if (entry != null && entry.send != null) {
      entry.send.raiseLimit(frame.max());
      scheduler.offerData(entry);
    }
  }

  /** A MAX_STREAMS frame arrived. */
  public void onMaxStreams(Frame.MaxStreams frame) {
    raiseStreamLimit(frame.bidirectional(), frame.max());
  }

  /**
   * A STREAM_DATA_BLOCKED frame arrived: nothing to do, credit is given as data is read.
   *
   * @throws TransportException STREAM_LIMIT_ERROR, STREAM_STATE_ERROR
   */
  public void onStreamDataBlocked(Frame.StreamDataBlocked frame) throws TransportException {
    receivingStream(frame.streamId(), frame.type());
  }

  private void raiseStreamLimit(boolean bidirectional, long limit) {
    if (localStreams[Direction.of(bidirectional)].raiseLimit(limit)) {
      events.add(new StreamEvent.StreamsAvailable(bidirectional));
    }
  }

  /** The stream of a frame that its sender sends about its sending half; null if it is gone. */
  private @Nullable StreamEntry receivingStream(long id, long frameType) throws TransportException {
    if (isLocal(id) && !StreamIds.isBidirectional(id)) {
      throw stateError(frameType, "we are the only one to send on this stream");
    }
    return stream(id, frameType);
  }

  /** The stream of a frame that a receiver sends to its sender; null if it is gone. */
  private @Nullable StreamEntry sendingStream(long id, long frameType) throws TransportException {
    if (!isLocal(id) && !StreamIds.isBidirectional(id)) {
      throw stateError(frameType, "we never send on this stream");
    }
    return stream(id, frameType);
  }

  private @Nullable StreamEntry stream(long id, long frameType) throws TransportException {
    StreamEntry entry = table.get(id);
    if (entry != null) {
      return entry;
    }
    long index = StreamIds.index(id);
    int direction = Direction.of(StreamIds.isBidirectional(id));
    if (isLocal(id)) {
      if (index >= localStreams[direction].opened()) {
        throw stateError(frameType, "a stream that we did not open");
      }
      return null;
    }
    PeerStreams streams = peerStreams[direction];
    streams.checkIndex(index, frameType);
    if (index < streams.opened()) {
      return null;
    }
    // RFC 9000 §3.2: "all streams of the same type with lower-numbered stream IDs MUST be created".
    while (streams.opened() <= index) {
      openForPeer(streams, StreamIds.isBidirectional(id));
    }
    return table.get(id);
  }

  private void openForPeer(PeerStreams streams, boolean bidirectional) {
    long id = StreamIds.of(streams.opened(), !isClient, bidirectional);
    SendHalf send = bidirectional ? new SendHalf(id, peerWindowLocal) : null;
    table.add(new StreamEntry(id, true, send, newReceiveHalf()));
    streams.onOpened();
    events.add(new StreamEvent.Opened(id));
  }

  private ReceiveHalf newReceiveHalf() {
    ReceiveWindow window =
        new ReceiveWindow(limits.initialStreamWindow(), limits.maxStreamWindow(), nowNanos);
    return new ReceiveHalf(window, limits.maxGaps());
  }

  private boolean isLocal(long id) {
    return StreamIds.isByClient(id) == isClient;
  }

  private static TransportException stateError(long frameType, String reason) {
    return new TransportException(TransportErrorCode.STREAM_STATE_ERROR, frameType, reason);
  }

  // ---- the application

  /**
   * Opens a stream.
   *
   * @return its id, -1 if the peer allows no more for now ({@link StreamEvent.StreamsAvailable}
   *     follows)
   */
  public long open(boolean bidirectional) {
    long index = localStreams[Direction.of(bidirectional)].open();
    if (index < 0) {
      return -1;
    }
    long id = StreamIds.of(index, isClient, bidirectional);
    long credit = bidirectional ? peerWindowRemote : peerWindowUnidirectional;
    ReceiveHalf receive = bidirectional ? newReceiveHalf() : null;
    table.add(new StreamEntry(id, false, new SendHalf(id, credit), receive));
    return id;
  }

  /**
   * Room in the send buffer. If it is less than a whole buffer, {@link StreamEvent.Writable}
   * follows when there is more.
   *
   * @return bytes, 0 when full, -1 when the stream takes no more (finished, reset, stopped,
   *     unknown)
   */
  public int writableBytes(long id) {
    StreamEntry entry = table.get(id);
    if (entry == null || entry.send == null || !entry.send.isWritable()) {
      return -1;
    }
    return sendRoom.ask(entry, entry.send);
  }

  /**
   * Queues bytes. The array belongs to the stream from now on and must not change.
   *
   * @throws IllegalStateException if there is not enough room, see {@link #writableBytes}
   */
  public void write(long id, byte[] data, int offset, int length) {
    StreamEntry entry = table.get(id);
    if (entry == null || entry.send == null || !entry.send.isWritable()) {
      throw new IllegalStateException("stream " + id + " takes no more data");
    }
    if (length > sendRoom.of(entry.send)) {
      throw new IllegalStateException("no room for " + length + " bytes on stream " + id);
    }
    entry.send.write(data, offset, length);
    sendRoom.onWritten(length);
    scheduler.offerData(entry);
  }

  /** Ends the sending half after what was written. Does nothing if it is over already. */
  public void finish(long id) {
    StreamEntry entry = table.get(id);
    if (entry != null && entry.send != null) {
      entry.send.finish();
      scheduler.offerData(entry);
    }
  }

  /** Abandons the sending half, with what was not sent yet. Does nothing if it is over already. */
  public void reset(long id, long code) {
    StreamEntry entry = table.get(id);
    if (entry != null) {
      resetSendHalf(entry, code);
    }
  }

  private boolean resetSendHalf(StreamEntry entry, long code) {
    SendHalf send = entry.send;
    if (send == null) {
      return false;
    }
    long buffered = send.bufferedBytes();
    if (!send.reset(code)) {
      return false;
    }
    entry.resetDue = true;
    entry.wantedRoom = 0;
    scheduler.offerControl(entry);
    sendRoom.onFreed(buffered);
    return true;
  }

  /** Wants no more of the receiving half; what arrived and was not read is dropped. */
  public void stopSending(long id, long code) {
    StreamEntry entry = table.get(id);
    if (entry == null || entry.receive == null) {
      return;
    }
    entry.receive.stop(code);
    entry.stopDue = true;
    scheduler.offerControl(entry);
    consume(entry.receive, entry.receive.droppedBytes());
    freeIfDone(entry);
  }

  /** Bytes that {@link #read} would give now. */
  public int readableBytes(long id) {
    StreamEntry entry = table.get(id);
    return entry == null || entry.receive == null ? 0 : entry.receive.readableBytes();
  }

  /**
   * Reads.
   *
   * @return the number of bytes, 0 if there are none for now, {@link #END}, or {@link #RESET} (also
   *     for a stream that is gone, and after {@link #stopSending})
   */
  public int read(long id, byte[] target, int offset, int length) {
    StreamEntry entry = table.get(id);
    if (entry == null || entry.receive == null) {
      return RESET;
    }
    ReceiveHalf receive = entry.receive;
    if (length == 0) {
      return 0;
    }
    int done = receive.read(target, offset, length);
    if (done == 0) {
      int result = receive.readEnd();
      freeIfDone(entry);
      return result;
    }
    if (consume(receive, done)) {
      entry.creditDue = true;
      scheduler.offerControl(entry);
    }
    return done;
  }

  /** The code of the peer's RESET_STREAM, -1 if there was none or the stream is gone. */
  public long resetCode(long id) {
    StreamEntry entry = table.get(id);
    return entry == null || entry.receive == null ? -1 : entry.receive.resetCode();
  }

  /** The next event, in the order they happened; null if there is none. */
  public @Nullable StreamEvent nextEvent() {
    return events.poll();
  }

  /** Bytes need no memory any more; returns whether new credit of the stream is due. */
  private boolean consume(ReceiveHalf receive, long bytes) {
    if (bytes == 0) {
      return false;
    }
    if (connectionWindow.consume(bytes, smoothedRttNanos, nowNanos)) {
      scheduler.setMaxDataDue();
    }
    return receive.window().consume(bytes, smoothedRttNanos, nowNanos);
  }

  private void freeIfDone(StreamEntry entry) {
    if (!entry.isDone() || table.get(entry.id) == null) {
      return;
    }
    table.remove(entry.id);
    scheduler.forget(entry);
    sendRoom.forget(entry);
    boolean bidirectional = StreamIds.isBidirectional(entry.id);
    if (entry.isOpenedByPeer) {
      PeerStreams streams = peerStreams[Direction.of(bidirectional)];
      streams.onClosed();
      if (streams.isUpdateDue()) {
        scheduler.setMaxStreamsDue(bidirectional);
      }
    }
  }

  // ---- packets

  /** Whether {@link #writeFrames} would write something into an empty packet. */
  public boolean hasPending() {
    return scheduler.hasPending();
  }

  /**
   * Fills a packet from its position towards its limit, which must be the end of the packet's
   * payload: a last STREAM frame that fills it exactly has no length.
   *
   * @param sent what was written is appended, to be handed to {@link #onAcked} or {@link #onLost}
   * @return whether STREAMS_BLOCKED was written, the one frame here that makes a packet
   *     ack-eliciting but has no entry in {@code sent}, since its loss does not matter
   */
  public boolean writeFrames(ByteBuffer packet, List<SentFrame> sent) {
    return scheduler.writeFrames(packet, sent);
  }

  /** A frame was acknowledged. */
  public void onAcked(SentFrame frame, long now) {
    nowNanos = now;
    switch (frame) {
      case SentFrame.StreamData data -> onDataAcked(data);
      case SentFrame.ResetStream reset -> {
        StreamEntry entry = table.get(reset.streamId());
        if (entry != null && entry.send != null) {
          entry.send.onResetAcked();
          freeIfDone(entry);
        }
      }
      default -> {
        // Credit and STOP_SENDING need no memory of having arrived.
      }
    }
  }

  private void onDataAcked(SentFrame.StreamData data) {
    StreamEntry entry = table.get(data.streamId());
    if (entry == null || entry.send == null) {
      return;
    }
    long before = entry.send.bufferedBytes();
    boolean isComplete = entry.send.onAcked(data.offset(), data.length(), data.fin());
    sendRoom.onFreed(before - entry.send.bufferedBytes());
    if (isComplete) {
      entry.wantedRoom = 0;
      events.add(new StreamEvent.Finished(entry.id));
      freeIfDone(entry);
    } else {
      sendRoom.wakeIfSatisfied(entry, entry.send);
    }
  }

  /**
   * A frame was declared lost, or should be repeated for a probe: says again what still matters.
   */
  public void onLost(SentFrame frame) {
    switch (frame) {
      case SentFrame.MaxData _ -> scheduler.setMaxDataDue();
      case SentFrame.MaxStreams streams -> scheduler.setMaxStreamsDue(streams.bidirectional());
      case SentFrame.StreamData data -> {
        StreamEntry entry = table.get(data.streamId());
        if (entry != null && entry.send != null) {
          entry.send.onLost(data.offset(), data.length(), data.fin());
          scheduler.offerLost(entry);
          scheduler.offerData(entry);
        }
      }
      case SentFrame.ResetStream reset -> {
        StreamEntry entry = table.get(reset.streamId());
        if (entry != null) {
          entry.resetDue = true;
          scheduler.offerControl(entry);
        }
      }
      case SentFrame.StopSending stop -> {
        StreamEntry entry = table.get(stop.streamId());
        if (entry != null) {
          entry.stopDue = true;
          scheduler.offerControl(entry);
        }
      }
      case SentFrame.MaxStreamData credit -> {
        StreamEntry entry = table.get(credit.streamId());
        if (entry != null) {
          entry.creditDue = true;
          scheduler.offerControl(entry);
        }
      }
      default -> throw new IllegalArgumentException("not a frame of streams: " + frame);
    }
  }

  /** Whether nothing of this stream is left: it ended in both directions, or never was. */
  public boolean isClosed(long id) {
    return table.get(id) == null;
  }

  // ---- statistics

  /** Streams that are not freed yet. */
  public int openStreams() {
    return table.size();
  }

  /** Bytes written and not acknowledged. */
  public long bufferedSendBytes() {
    return sendRoom.bufferedBytes();
  }

  /** Bytes received (gaps included) and not read. */
  public long bufferedReceiveBytes() {
    return receivedBytes - connectionWindow.consumed();
  }
}
