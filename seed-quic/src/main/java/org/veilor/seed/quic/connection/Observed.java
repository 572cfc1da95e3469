package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameReader;
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

  /** The frames of a packet that is to be sealed next, for {@link #onSent}. */
  List<Frame> framesOf(EncryptionLevel level, PacketDraft draft) {
    return isOn ? read(level, draft.payload()) : List.of();
  }

  void onSent(EncryptionLevel level, SentPacket packet, List<Frame> frames) {
    if (isOn) {
      observer.onPacketSent(
          level, packet.packetNumber(), packet.sizeBytes(), frames, packet.sentNanos());
    }
  }

  void onReceived(ReceivedPacket packet, long nowNanos) {
    if (isOn) {
      List<Frame> frames = read(packet.level(), packet.payload().duplicate());
      observer.onPacketReceived(
          packet.level(), packet.packetNumber(), packet.sizeBytes(), frames, nowNanos);
    }
  }

  private static List<Frame> read(EncryptionLevel level, ByteBuffer payload) {
    List<Frame> frames = new ArrayList<>();
    FrameReader reader = new FrameReader(payload, FrameHandler.typeOf(level));
    try {
      while (reader.hasNext()) {
        frames.add(reader.next());
      }
    } catch (TransportException e) {
      return frames; // whoever handles the frames meets the same error and acts on it
    }
    return frames;
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
