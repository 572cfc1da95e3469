package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.recovery.SentFrame;

/** The 1-RTT frames that belong to no stream and no path, waiting for a packet. */
final class ControlFrames {
  private final LocalConnectionIds localIds;
  private final RemoteConnectionIds remoteIds;
  private boolean handshakeDone;
  private boolean ping;
  private byte @Nullable [] newToken;
  private boolean newTokenPending;

  ControlFrames(LocalConnectionIds localIds, RemoteConnectionIds remoteIds) {
    this.localIds = localIds;
    this.remoteIds = remoteIds;
  }

  void queueHandshakeDone() {
    handshakeDone = true;
  }

  void queuePing() {
    ping = true;
  }

  void queueNewToken(byte[] token) {
    newToken = token;
    newTokenPending = true;
  }

  void requeueNewToken() {
    newTokenPending = newToken != null;
  }

  boolean hasPending() {
    return handshakeDone
        || ping
        || newTokenPending
        || localIds.nextAnnouncement() != null
        || remoteIds.nextRetirement() >= 0;
  }

  /**
   * Writes what fits.
   *
   * @return whether a frame was written that nobody has to be told about, but that must be
   *     acknowledged: a PING
   */
  boolean writeFrames(ByteBuffer packet, List<SentFrame> sent) {
    if (handshakeDone && packet.hasRemaining()) {
      FrameWriter.write(packet, new Frame.HandshakeDone());
      sent.add(new SentFrame.HandshakeDone());
      handshakeDone = false;
    }
    writeConnectionIds(packet, sent);
    byte[] token = newToken;
    if (newTokenPending && token != null) {
      Frame.NewToken frame = new Frame.NewToken(token);
      if (FrameWriter.size(frame) <= packet.remaining()) {
        FrameWriter.write(packet, frame);
        sent.add(new SentFrame.NewToken());
        newTokenPending = false;
      }
    }
    if (ping && packet.hasRemaining()) {
      FrameWriter.write(packet, new Frame.Ping());
      ping = false;
      return true;
    }
    return false;
  }

  private void writeConnectionIds(ByteBuffer packet, List<SentFrame> sent) {
    for (long sequence = remoteIds.nextRetirement();
        sequence >= 0;
        sequence = remoteIds.nextRetirement()) {
      Frame frame = new Frame.RetireConnectionId(sequence);
      if (FrameWriter.size(frame) > packet.remaining()) {
        return;
      }
      FrameWriter.write(packet, frame);
      sent.add(new SentFrame.RetireConnectionId(sequence));
      remoteIds.onRetirementSent();
    }
    for (Frame.NewConnectionId frame = localIds.nextAnnouncement();
        frame != null;
        frame = localIds.nextAnnouncement()) {
      if (FrameWriter.size(frame) > packet.remaining()) {
        return;
      }
      FrameWriter.write(packet, frame);
      sent.add(new SentFrame.NewConnectionId(frame.sequence()));
      localIds.onAnnounced();
    }
  }
}
