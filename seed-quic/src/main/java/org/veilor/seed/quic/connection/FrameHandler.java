package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameReader;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** Takes the frames of an authenticated packet to the parts that they concern (RFC 9000 §12.4). */
final class FrameHandler {
  /** What the handler asks of the connection. */
  interface Owner {
    /** A client may use this token in its next connection to the server. */
    void onNewToken(byte[] token);

    void onHandshakeDone() throws TransportException;

    void onPathChallenge(long data, ReceivedPacket packet);

    void onPathResponse(long data, long nowNanos);

    void onCloseByPeer(TerminationCause cause, long nowNanos);
  }

  /**
   * What the frames of a packet amount to.
   *
   * @param isAckEliciting whether the packet must be acknowledged
   * @param isProbing whether it holds nothing but probing frames (RFC 9000 §9.1)
   */
  record Summary(boolean isAckEliciting, boolean isProbing) {}

  private final boolean isClient;
  private final Handshake handshake;
  private final Recovery recovery;
  private final Streams streams;
  private final LocalConnectionIds localIds;
  private final RemoteConnectionIds remoteIds;
  private final DatagramQueues datagrams;
  private final Owner owner;

  FrameHandler(
      Handshake handshake,
      Recovery recovery,
      Streams streams,
      LocalConnectionIds localIds,
      RemoteConnectionIds remoteIds,
      DatagramQueues datagrams,
      Owner owner) {
    this.isClient = recovery.isClient();
    this.handshake = handshake;
    this.recovery = recovery;
    this.streams = streams;
    this.localIds = localIds;
    this.remoteIds = remoteIds;
    this.datagrams = datagrams;
    this.owner = owner;
  }

  /**
   * Handles every frame.
   *
   * @throws TransportException the connection error that the first bad frame is
   */
  Summary handle(ReceivedPacket packet, long nowNanos) throws TransportException {
    if (!packet.payload().hasRemaining()) {
      // RFC 9000 §12.4: "An endpoint MUST treat receipt of a packet containing no frames as a
      // connection error of type PROTOCOL_VIOLATION."
      throw new TransportException(TransportErrorCode.PROTOCOL_VIOLATION, "packet without frames");
    }
    FrameReader reader = new FrameReader(packet.payload(), typeOf(packet.level()));
    boolean ackEliciting = false;
    boolean probing = true;
    while (reader.hasNext()) {
      Frame frame = reader.next();
      ackEliciting |= frame.isAckEliciting();
      probing &= frame.isProbing();
      handle(frame, packet, nowNanos);
    }
    return new Summary(ackEliciting, probing);
  }

  /**
   * Looks only for the peer's close: nothing else matters to a connection that is closing (RFC 9000
   * §10.2.1).
   */
  void handleClosing(ReceivedPacket packet, long nowNanos) throws TransportException {
    FrameReader reader = new FrameReader(packet.payload(), typeOf(packet.level()));
    while (reader.hasNext()) {
      Frame frame = reader.next();
      if (frame instanceof Frame.ConnectionClose || frame instanceof Frame.ApplicationClose) {
        handle(frame, packet, nowNanos);
      }
    }
  }

  static PacketType typeOf(EncryptionLevel level) {
    return switch (level) {
      case INITIAL -> PacketType.INITIAL;
      case HANDSHAKE -> PacketType.HANDSHAKE;
      case ONE_RTT -> PacketType.ONE_RTT;
    };
  }

  private void handle(Frame frame, ReceivedPacket packet, long nowNanos) throws TransportException {
    switch (frame) {
      case Frame.Padding _, Frame.Ping _, Frame.DataBlocked _, Frame.StreamsBlocked _ -> {}
      case Frame.Stream f -> streams.onStream(f, nowNanos);
      case Frame.Ack f -> recovery.onAck(packet.level(), f, nowNanos);
      case Frame.Crypto f -> handshake.onCrypto(packet.level(), f);
      case Frame.ResetStream f -> streams.onResetStream(f);
      case Frame.StopSending f -> streams.onStopSending(f);
      case Frame.MaxData f -> streams.onMaxData(f);
      case Frame.MaxStreamData f -> streams.onMaxStreamData(f);
      case Frame.MaxStreams f -> streams.onMaxStreams(f);
      case Frame.StreamDataBlocked f -> streams.onStreamDataBlocked(f);
      case Frame.NewConnectionId f -> remoteIds.onNew(f);
      case Frame.RetireConnectionId f -> localIds.onRetired(f, packet.destination());
      case Frame.PathChallenge f -> owner.onPathChallenge(f.data(), packet);
      case Frame.PathResponse f -> owner.onPathResponse(f.data(), nowNanos);
      case Frame.Datagram f -> datagrams.receive(f);
      case Frame.NewToken f -> onNewToken(f);
      case Frame.HandshakeDone f -> onHandshakeDone(f);
      case Frame.ConnectionClose f ->
          owner.onCloseByPeer(
              new TerminationCause.TransportErrorByPeer(f.code(), f.frameType(), f.reason()),
              nowNanos);
      case Frame.ApplicationClose f ->
          owner.onCloseByPeer(new TerminationCause.ClosedByPeer(f.code(), f.reason()), nowNanos);
    }
  }

  private void onNewToken(Frame.NewToken frame) throws TransportException {
    if (!isClient) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "NEW_TOKEN from a client");
    }
    owner.onNewToken(frame.token());
  }

  private void onHandshakeDone(Frame.HandshakeDone frame) throws TransportException {
    if (!isClient) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "HANDSHAKE_DONE from a client");
    }
    owner.onHandshakeDone();
  }
}
