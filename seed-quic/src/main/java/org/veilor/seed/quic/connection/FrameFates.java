package org.veilor.seed.quic.connection;

import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.recovery.SentFrame;
import org.veilor.seed.quic.recovery.SentPacket;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** Tells the owner of every sent frame what became of it (RFC 9000 §13.3). */
final class FrameFates {
  private final Handshake handshake;
  private final Streams streams;
  private final LocalConnectionIds localIds;
  private final RemoteConnectionIds remoteIds;
  private final ControlFrames control;

  FrameFates(
      Handshake handshake,
      Streams streams,
      LocalConnectionIds localIds,
      RemoteConnectionIds remoteIds,
      ControlFrames control) {
    this.handshake = handshake;
    this.streams = streams;
    this.localIds = localIds;
    this.remoteIds = remoteIds;
    this.control = control;
  }

  void onAcked(PacketSpace space, SentPacket packet, long nowNanos) {
    Route route = packet.route();
    for (SentFrame frame : packet.frames()) {
      switch (frame) {
        case SentFrame.Ack ack -> space.received().onAckAcknowledged(ack.largest());
        case SentFrame.MtuProbe probe ->
            route.mtuDiscovery().onProbeAcked(probe.sizeBytes(), nowNanos);
        case SentFrame.StreamData f -> streams.onAcked(f, nowNanos);
        case SentFrame.ResetStream f -> streams.onAcked(f, nowNanos);
        case SentFrame.StopSending f -> streams.onAcked(f, nowNanos);
        case SentFrame.MaxData f -> streams.onAcked(f, nowNanos);
        case SentFrame.MaxStreamData f -> streams.onAcked(f, nowNanos);
        case SentFrame.MaxStreams f -> streams.onAcked(f, nowNanos);
        // Nothing is left to do once these have arrived.
        case SentFrame.Crypto _,
            SentFrame.NewConnectionId _,
            SentFrame.RetireConnectionId _,
            SentFrame.HandshakeDone _,
            SentFrame.NewToken _ -> {}
      }
    }
  }

  void onLost(EncryptionLevel level, SentPacket packet, long nowNanos) {
    for (SentFrame frame : packet.frames()) {
      switch (frame) {
        case SentFrame.Crypto crypto -> {
          if (!handshake.isDiscarded(level)) {
            handshake.stream(level).onLost(crypto);
          }
        }
        case SentFrame.MtuProbe _ -> packet.route().mtuDiscovery().onProbeLost(nowNanos);
        case SentFrame.StreamData f -> streams.onLost(f);
        case SentFrame.ResetStream f -> streams.onLost(f);
        case SentFrame.StopSending f -> streams.onLost(f);
        case SentFrame.MaxData f -> streams.onLost(f);
        case SentFrame.MaxStreamData f -> streams.onLost(f);
        case SentFrame.MaxStreams f -> streams.onLost(f);
        case SentFrame.NewConnectionId f -> localIds.onAnnouncementLost(f.sequence());
        case SentFrame.RetireConnectionId f -> remoteIds.onRetirementLost(f.sequence());
        case SentFrame.HandshakeDone _ -> control.queueHandshakeDone();
        case SentFrame.NewToken _ -> control.requeueNewToken();
        case SentFrame.Ack _ -> {} // a newer ACK says it all
      }
    }
  }
}
