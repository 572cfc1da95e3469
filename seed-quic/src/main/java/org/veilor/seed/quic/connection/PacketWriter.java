package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veilor.seed.quic.crypto.PacketProtection;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.recovery.SentFrame;
import org.veilor.seed.quic.recovery.SentPacket;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Fills datagrams: which levels have something to say, what goes into each packet, padding,
 * protection, and the book-keeping of what was sent (RFC 9000 §12.2, §13, §14.1).
 */
final class PacketWriter {
  /** Below this room a further packet is not begun: the longest header, a tag and a few frames. */
  private static final int MIN_PACKET_ROOM = 100;

  /** After so many packets that only acknowledge, a PING asks for an acknowledgement of them. */
  private static final int MAX_UNACKNOWLEDGEABLE = 32;

  private static final EncryptionLevel[] LEVELS = EncryptionLevel.values();

  private final boolean isClient;
  private final Handshake handshake;
  private final Recovery recovery;
  private final Path path;
  private final Streams streams;
  private final ControlFrames control;
  private final DatagramQueues datagrams;
  private final RemoteConnectionIds remoteIds;
  private final ConnectionId source;
  private byte[] token = ConnectionParts.NO_TOKEN;
  private int unacknowledgeable;

  PacketWriter(
      Handshake handshake,
      Recovery recovery,
      Path path,
      Queues queues,
      RemoteConnectionIds remoteIds,
      ConnectionId source) {
    this.isClient = recovery.isClient();
    this.handshake = handshake;
    this.recovery = recovery;
    this.path = path;
    this.streams = queues.streams();
    this.control = queues.control();
    this.datagrams = queues.datagrams();
    this.remoteIds = remoteIds;
    this.source = source;
  }

  /** Where 1-RTT packets get their frames from. */
  record Queues(Streams streams, ControlFrames control, DatagramQueues datagrams) {}

  /** The token to be repeated in every Initial from now on. */
  void setToken(byte[] newToken) {
    token = newToken;
  }

  /** Whether anything other than acknowledgements and probes waits to be sent. */
  boolean hasData() {
    for (EncryptionLevel level : LEVELS) {
      if (canSend(level) && hasData(level)) {
        return true;
      }
    }
    return false;
  }

  private boolean canSend(EncryptionLevel level) {
    // Nothing may overtake the handshake: iroh drops 1-RTT packets that come before its end.
    return handshake.canSend(level) && (level != EncryptionLevel.ONE_RTT || handshake.isComplete());
  }

  private boolean hasData(EncryptionLevel level) {
    return handshake.stream(level).hasPending()
        || (level == EncryptionLevel.ONE_RTT
            && (control.hasPending() || datagrams.hasPending() || streams.hasPending()));
  }

  private boolean wantsToSend(EncryptionLevel level, boolean withData, long nowNanos) {
    return canSend(level)
        && (recovery.probes(level) > 0
            || (withData && hasData(level))
            || recovery.space(level).received().ackDeadlineNanos() <= nowNanos);
  }

  /**
   * Writes one datagram.
   *
   * @param withData whether window and pacing allow more than acknowledgements and probes
   * @return its size, 0 if there was nothing to send
   */
  int writeDatagram(byte[] b, int start, int end, boolean withData, long nowNanos)
      throws TransportException {
    if (path.space().isOverfull()) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, "the peer acknowledges nothing");
    }
    int last = -1;
    for (EncryptionLevel level : LEVELS) {
      if (wantsToSend(level, withData, nowNanos)) {
        last = level.index();
      }
    }
    int position = start;
    boolean mustBeFull = false;
    for (int i = 0; i <= last && end - position >= MIN_PACKET_ROOM; i++) {
      EncryptionLevel level = LEVELS[i];
      if (!wantsToSend(level, withData, nowNanos)) {
        continue;
      }
      PacketDraft draft = draft(level, b, position, end);
      Contents contents = writeFrames(level, draft, withData, nowNanos);
      if (draft.isEmpty()) {
        continue;
      }
      // RFC 9000 §14.1: datagrams with Initial packets are padded, a server's if ack-eliciting.
      mustBeFull |= level == EncryptionLevel.INITIAL && (isClient || contents.isAckEliciting());
      boolean isLast = i == last || draft.roomBehind(end) < MIN_PACKET_ROOM;
      if (mustBeFull && isLast) {
        draft.padTo(Math.min(start + TransportConfig.MIN_MTU_BYTES, end) - position);
      }
      position += finish(level, draft, contents, path.route(), nowNanos);
    }
    if (position > start && mustBeFull) {
      position = fill(b, position, Math.min(start + TransportConfig.MIN_MTU_BYTES, end));
    }
    return position - start;
  }

  /** A promised packet turned out empty: bytes that no peer takes for a packet make up the size. */
  private static int fill(byte[] b, int from, int to) {
    if (from < to) {
      Arrays.fill(b, from, to, (byte) 0);
      return to;
    }
    return from;
  }

  private PacketDraft draft(EncryptionLevel level, byte[] b, int start, int end) {
    PacketSpace space = recovery.space(level);
    PacketDraft draft =
        new PacketDraft(level, b, start, end, space.peekPacketNumber(), space.largestAcked());
    OneRttKeys keys = handshake.oneRttKeys();
    if (level == EncryptionLevel.ONE_RTT && keys != null) {
      draft.shortHeader(remoteIds.current(), keys.phase());
    } else {
      draft.longHeader(remoteIds.current(), source, token);
    }
    return draft;
  }

  /**
   * What went into a packet.
   *
   * @param hasUntracked whether something ack-eliciting is in it that nobody needs to be told about
   */
  private record Contents(List<SentFrame> frames, boolean hasUntracked) {
    boolean isAckEliciting() {
      return hasUntracked
          || frames.size() > 1
          || (frames.size() == 1 && !(frames.getFirst() instanceof SentFrame.Ack));
    }
  }

  private Contents writeFrames(
      EncryptionLevel level, PacketDraft draft, boolean withData, long nowNanos) {
    ByteBuffer out = draft.frames();
    List<SentFrame> frames = new ArrayList<>(4);
    int room = out.remaining();
    writeAck(level, out, frames, nowNanos);
    boolean isProbe = recovery.probes(level) > 0;
    boolean untracked = false;
    if (withData || isProbe) {
      handshake.stream(level).writeFrames(out, frames);
      if (level == EncryptionLevel.ONE_RTT) {
        untracked = control.writeFrames(out, frames);
        untracked |= datagrams.writeFrames(out, room);
        untracked |= streams.writeFrames(out, frames);
      }
    }
    Contents contents = new Contents(frames, untracked);
    if (contents.isAckEliciting()) {
      unacknowledgeable = 0;
    } else if (isProbe || (!frames.isEmpty() && needsPing(level))) {
      FrameWriter.write(out, new Frame.Ping());
      unacknowledgeable = 0;
      return new Contents(frames, true);
    }
    return contents;
  }

  /** Acknowledgements are acknowledged now and then, so that they need not be repeated for ever. */
  private boolean needsPing(EncryptionLevel level) {
    unacknowledgeable++;
    // A PING that the peer leaves unanswered is not followed by more: that would grow for ever.
    return unacknowledgeable > MAX_UNACKNOWLEDGEABLE
        && !recovery.space(level).hasAckElicitingInFlight();
  }

  private void writeAck(
      EncryptionLevel level, ByteBuffer out, List<SentFrame> frames, long nowNanos) {
    PacketSpace space = recovery.space(level);
    if (!space.received().hasNewsToAcknowledge()) {
      return;
    }
    int exponent = level == EncryptionLevel.ONE_RTT ? TransportConfig.ACK_DELAY_EXPONENT : 0;
    Frame.Ack ack = space.received().ackFrame(exponent, nowNanos);
    // One byte is left for a PING, which a probe may still need.
    while (ack != null && FrameWriter.size(ack) >= out.remaining()) {
      ack = ack.rangeCount() == 1 ? null : withHalfTheRanges(ack);
    }
    if (ack != null) {
      FrameWriter.write(out, ack);
      frames.add(new SentFrame.Ack(ack.largest()));
      space.received().onAckSent();
    }
  }

  private static Frame.Ack withHalfTheRanges(Frame.Ack ack) {
    long[] newest = Arrays.copyOf(ack.ranges(), Math.max(1, ack.rangeCount() / 2) * 2);
    return new Frame.Ack(ack.largest(), ack.ackDelay(), newest, ack.ecn());
  }

  private int finish(
      EncryptionLevel level, PacketDraft draft, Contents contents, Route route, long nowNanos)
      throws TransportException {
    List<Frame> observedFrames = recovery.observed().framesOf(level, draft);
    int size = seal(level, draft);
    boolean ackEliciting = contents.isAckEliciting();
    boolean inFlight = ackEliciting || draft.isPadded();
    SentPacket packet =
        new SentPacket(
            draft.packetNumber(), route, nowNanos, size, ackEliciting, inFlight, contents.frames());
    recovery.space(level).onSent(packet);
    recovery.observed().onSent(level, packet, observedFrames);
    if (inFlight) {
      route.onInFlight(size);
      route.congestion().onPacketSent(size, nowNanos);
      route.pacer().onSent(size, nowNanos);
    }
    if (ackEliciting) {
      recovery.onProbeSent(level);
    }
    return size;
  }

  private int seal(EncryptionLevel level, PacketDraft draft) throws TransportException {
    int size = protect(level, draft);
    OneRttKeys keys = handshake.oneRttKeys();
    if (level == EncryptionLevel.ONE_RTT && keys != null) {
      keys.updateIfDue(handshake.isConfirmed());
    }
    return size;
  }

  private int protect(EncryptionLevel level, PacketDraft draft) {
    if (level == EncryptionLevel.ONE_RTT) {
      OneRttKeys keys = handshake.oneRttKeys();
      if (keys == null) {
        throw new IllegalStateException("a 1-RTT packet without keys");
      }
      return draft.seal(keys, path.id());
    }
    LevelKeys keys = handshake.keys(level);
    if (keys == null) {
      throw new IllegalStateException("a packet without keys at " + level);
    }
    return draft.seal(keys);
  }

  /** Writes a 1-RTT packet that probes a route; padded to the least MTU if {@code padded}. */
  int writePathProbe(byte[] b, List<Frame> probing, Route route, boolean padded, long nowNanos)
      throws TransportException {
    PacketDraft draft = draft(EncryptionLevel.ONE_RTT, b, 0, TransportConfig.MIN_MTU_BYTES);
    for (Frame frame : probing) {
      FrameWriter.write(draft.frames(), frame);
    }
    if (padded) {
      draft.padTo(TransportConfig.MIN_MTU_BYTES);
    }
    // Neither is retransmitted as such: a challenge repeats itself, a response is asked for again.
    return finish(EncryptionLevel.ONE_RTT, draft, new Contents(List.of(), true), route, nowNanos);
  }

  /** Writes a probe of a larger datagram size: PING and PADDING (RFC 9000 §14.4). */
  int writeMtuProbe(byte[] b, int sizeBytes, long nowNanos) throws TransportException {
    Route route = path.route();
    PacketDraft draft = draft(EncryptionLevel.ONE_RTT, b, 0, sizeBytes);
    FrameWriter.write(draft.frames(), new Frame.Ping());
    draft.padTo(sizeBytes);
    route.mtuDiscovery().onProbeSent(draft.packetNumber(), sizeBytes);
    List<SentFrame> frames = List.of(new SentFrame.MtuProbe(sizeBytes));
    return finish(EncryptionLevel.ONE_RTT, draft, new Contents(frames, true), route, nowNanos);
  }

  /**
   * Writes a datagram that closes the connection, in every level the peer may be able to read (RFC
   * 9000 §10.2.3).
   *
   * @param inOneRtt the frame for 1-RTT packets
   * @param inHandshake the frame for all others: an application's close is not told there
   */
  int writeClose(byte[] b, int end, Frame inOneRtt, Frame inHandshake, long nowNanos) {
    int position = 0;
    boolean hasInitial = false;
    for (EncryptionLevel level : LEVELS) {
      if (!handshake.canSend(level) || end - position < MIN_PACKET_ROOM) {
        continue;
      }
      boolean isOneRtt = level == EncryptionLevel.ONE_RTT;
      // A 1-RTT packet is no use to a peer that has not finished the handshake, but may be all it
      // has.
      PacketDraft draft = draft(level, b, position, end);
      Frame frame = isOneRtt ? inOneRtt : inHandshake;
      if (FrameWriter.size(frame) > draft.frames().remaining()) {
        continue;
      }
      FrameWriter.write(draft.frames(), frame);
      hasInitial |= level == EncryptionLevel.INITIAL;
      boolean isLast = isOneRtt || !canFollow(level);
      if (hasInitial && isClient && isLast) {
        draft.padTo(Math.min(TransportConfig.MIN_MTU_BYTES, end) - position);
      }
      List<Frame> observedFrames = recovery.observed().framesOf(level, draft);
      int size = protect(level, draft);
      position += size;
      SentPacket packet =
          new SentPacket(
              draft.packetNumber(), path.route(), nowNanos, size, false, false, List.of());
      recovery.space(level).onSent(packet);
      recovery.observed().onSent(level, packet, observedFrames);
    }
    return hasInitial && isClient
        ? fill(b, position, Math.min(TransportConfig.MIN_MTU_BYTES, end))
        : position;
  }

  private boolean canFollow(EncryptionLevel level) {
    for (int i = level.index() + 1; i < LEVELS.length; i++) {
      if (handshake.canSend(LEVELS[i])) {
        return true;
      }
    }
    return false;
  }

  /** Room for the payload of one DATAGRAM frame in a full packet. */
  int datagramRoom() {
    int header = 1 + remoteIds.current().length() + 4;
    return path.route().mtuBytes() - header - PacketProtection.TAG_LENGTH;
  }
}
