package org.veilor.seed.quic.connection;

import java.util.List;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.recovery.RttEstimator;
import org.veilor.seed.quic.recovery.SentPacket;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** The observer of a connection, if it has one; nobody else asks whether there is one. */
final class Observed {
  private ConnectionObserver observer = ConnectionObserver.NONE;
  private boolean isOn;
  private long keyGeneration;
  private String state = "";

  void by(ConnectionObserver newObserver) {
    observer = newObserver;
    isOn = !newObserver.equals(ConnectionObserver.NONE);
  }

  void onSent(EncryptionLevel level, SentPacket packet) {
    if (isOn) {
      observer.onPacketSent(
          level, packet.packetNumber(), packet.sizeBytes(), packet.frames(), packet.sentNanos());
    }
  }

  void onAck(EncryptionLevel level, Frame.Ack ack, long nowNanos) {
    if (isOn) {
      observer.onAckReceived(level, ack, nowNanos);
    }
  }

  void onReceived(ReceivedPacket packet, int payloadBytes, long nowNanos) {
    if (isOn) {
      observer.onPacketReceived(packet.level(), packet.packetNumber(), payloadBytes, nowNanos);
    }
  }

  void onDropped(int datagramBytes, long nowNanos) {
    if (isOn) {
      observer.onPacketDropped(datagramBytes, nowNanos);
    }
  }

  void onLost(EncryptionLevel level, List<SentPacket> lost, long nowNanos) {
    if (isOn) {
      lost.forEach(packet -> observer.onPacketLost(level, packet.packetNumber(), nowNanos));
    }
  }

  void onMetrics(Route route, long nowNanos) {
    if (isOn) {
      RttEstimator rtt = route.rtt();
      observer.onMetrics(
          new ConnectionObserver.Metrics(
              rtt.smoothedNanos(),
              rtt.latestNanos(),
              rtt.minNanos(),
              rtt.varianceNanos(),
              route.congestion().windowBytes(),
              route.bytesInFlight()),
          nowNanos);
    }
  }

  /** Looks whether keys or state changed since the last call. */
  void look(Handshake handshake, Termination termination, long nowNanos) {
    if (!isOn) {
      return;
    }
    OneRttKeys keys = handshake.oneRttKeys();
    if (keys != null && keys.updates() != keyGeneration) {
      keyGeneration = keys.updates();
      observer.onKeyUpdate(keyGeneration, nowNanos);
    }
    String now =
        switch (termination.state()) {
          case CLOSING -> "closing";
          case DRAINING -> "draining";
          case GONE -> "closed";
          case OPEN ->
              handshake.isConfirmed()
                  ? "handshake_confirmed"
                  : handshake.isComplete() ? "handshake_complete" : "handshake_started";
        };
    if (!now.equals(state)) {
      state = now;
      observer.onState(now, nowNanos);
    }
  }
}
