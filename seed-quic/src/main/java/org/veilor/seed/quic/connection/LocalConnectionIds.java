package org.veilor.seed.quic.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * The connection ids that this side issued (RFC 9000 §5.1.1): the peer uses them to reach us, the
 * endpoint finds the connection by them.
 */
final class LocalConnectionIds {
  private final ConnectionIdSource source;
  private final TreeMap<Long, ConnectionId> active = new TreeMap<>();
  private final ArrayDeque<Long> toAnnounce = new ArrayDeque<>();
  private final List<ConnectionId> newlyIssued = new ArrayList<>();
  private final List<ConnectionId> newlyRetired = new ArrayList<>();
  private long nextSequence = 1;

  LocalConnectionIds(ConnectionIdSource source, ConnectionId first) {
    this.source = source;
    active.put(0L, first);
  }

  /** Fills the peer's store up to what it is ready to keep. */
  void issueUpTo(long peerLimit) {
    long wanted = Math.min(peerLimit, TransportConfig.MAX_ISSUED_CONNECTION_IDS);
    while (active.size() < wanted) {
      ConnectionId id = source.newConnectionId();
      active.put(nextSequence, id);
      toAnnounce.add(nextSequence++);
      newlyIssued.add(id);
    }
  }

  /** The NEW_CONNECTION_ID frame to send next, or null. */
  Frame.@Nullable NewConnectionId nextAnnouncement() {
    while (!toAnnounce.isEmpty()) {
      long sequence = toAnnounce.peek();
      ConnectionId id = active.get(sequence);
      if (id != null) {
        return new Frame.NewConnectionId(sequence, 0, id, source.resetTokenFor(id));
      }
      toAnnounce.poll();
    }
    return null;
  }

  void onAnnounced() {
    toAnnounce.poll();
  }

  void onAnnouncementLost(long sequence) {
    if (active.containsKey(sequence) && !toAnnounce.contains(sequence)) {
      toAnnounce.add(sequence);
    }
  }

  /**
   * The peer will not use an id any more; it gets another one for it.
   *
   * @param usedInThisPacket the id the frame came under: RFC 9000 §19.16 forbids retiring that one
   */
  void onRetired(Frame.RetireConnectionId frame, ConnectionId usedInThisPacket)
      throws TransportException {
    if (frame.sequence() >= nextSequence) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "retired an id never issued");
    }
    ConnectionId id = active.get(frame.sequence());
    if (id == null) {
      return;
    }
    if (id.equals(usedInThisPacket)) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "retired the id in use");
    }
    active.remove(frame.sequence());
    toAnnounce.remove(frame.sequence());
    newlyRetired.add(id);
  }

  /** Every id the endpoint must route to this connection. */
  List<ConnectionId> all() {
    return List.copyOf(active.values());
  }

  /** Ids issued since the last call. */
  List<ConnectionId> takeNewlyIssued() {
    return take(newlyIssued);
  }

  /** Ids retired since the last call. */
  List<ConnectionId> takeNewlyRetired() {
    return take(newlyRetired);
  }

  private static List<ConnectionId> take(List<ConnectionId> list) {
    if (list.isEmpty()) {
      return List.of();
    }
    List<ConnectionId> taken = List.copyOf(list);
    list.clear();
    return taken;
  }
}
