package org.veilor.seed.quic.connection;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;

/** The connection ids that the peer issued: one is used, the others wait for a migration. */
final class RemoteConnectionIds {
  @SuppressWarnings("ArrayRecordComponent") // compared by content where it is compared
  private record Entry(ConnectionId id, byte @Nullable [] resetToken) {}

  private final TreeMap<Long, Entry> available = new TreeMap<>();
  private final ArrayDeque<Long> toRetire = new ArrayDeque<>();
  private long currentSequence;
  private long retirePriorTo;
  private Entry current;

  RemoteConnectionIds(ConnectionId first) {
    current = new Entry(first, null);
  }

  /** The id to put into packets. */
  ConnectionId current() {
    return current.id;
  }

  /** The reset token of the id in use, if known. */
  byte @Nullable [] currentResetToken() {
    return current.resetToken;
  }

  /** During the handshake the peer chooses its id (RFC 9000 §7.2), a Retry another one. */
  void replaceInitial(ConnectionId id) {
    current = new Entry(id, current.resetToken);
  }

  /** The server's transport parameter stateless_reset_token belongs to its first id. */
  void setInitialResetToken(byte[] token) {
    if (currentSequence == 0) {
      current = new Entry(current.id, token);
    }
  }

  /**
   * Takes a NEW_CONNECTION_ID in (RFC 9000 §19.15).
   *
   * @throws TransportException for a contradiction or more ids than agreed
   */
  void onNew(Frame.NewConnectionId frame) throws TransportException {
    if (current.id.length() == 0) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "peer chose zero-length ids");
    }
    Entry known = frame.sequence() == currentSequence ? current : available.get(frame.sequence());
    if (known != null) {
      boolean isSame =
          known.id.equals(frame.id())
              && (known.resetToken == null || Arrays.equals(known.resetToken, frame.token()));
      if (!isSame) {
        throw new TransportException(
            TransportErrorCode.PROTOCOL_VIOLATION, frame.type(), "one sequence number, two ids");
      }
      return;
    }
    // An id below the one in use is never taken any more: it was retired, or came too late. Taking
    // a
    // repetition for news would bring a dead id back at the next migration.
    if (frame.sequence() < Math.max(retirePriorTo, currentSequence)) {
      queueRetirement(frame, frame.sequence());
      return;
    }
    available.put(frame.sequence(), new Entry(frame.id(), frame.token()));
    retireBelow(frame);
    if (available.size() + 1 > TransportConfig.ACTIVE_CONNECTION_ID_LIMIT) {
      throw new TransportException(
          TransportErrorCode.CONNECTION_ID_LIMIT_ERROR, frame.type(), "more ids than agreed");
    }
  }

  private void retireBelow(Frame.NewConnectionId frame) throws TransportException {
    if (frame.retirePriorTo() <= retirePriorTo) {
      return;
    }
    retirePriorTo = frame.retirePriorTo();
    while (!available.isEmpty() && available.firstKey() < retirePriorTo) {
      queueRetirement(frame, available.pollFirstEntry().getKey());
    }
    if (currentSequence < retirePriorTo) {
      rotate();
    }
    if (toRetire.size() > TransportConfig.MAX_PENDING_RETIREMENTS) {
      throw tooManyRetirements(frame);
    }
  }

  private void queueRetirement(Frame.NewConnectionId frame, long sequence)
      throws TransportException {
    if (toRetire.size() >= TransportConfig.MAX_PENDING_RETIREMENTS) {
      throw tooManyRetirements(frame);
    }
    if (!toRetire.contains(sequence)) {
      toRetire.add(sequence);
    }
  }

  private static TransportException tooManyRetirements(Frame.NewConnectionId frame) {
    return new TransportException(
        TransportErrorCode.CONNECTION_ID_LIMIT_ERROR, frame.type(), "too many ids to retire");
  }

  /**
   * Uses a fresh id, so that nobody can link the old path with the new one (RFC 9000 §9.5).
   *
   * @return false if the peer has given none; the old one then stays in use
   */
  boolean rotate() {
    Map.Entry<Long, Entry> next = available.pollFirstEntry();
    if (next == null) {
      return false;
    }
    toRetire.add(currentSequence);
    currentSequence = next.getKey();
    current = next.getValue();
    return true;
  }

  /** The sequence number of the next RETIRE_CONNECTION_ID to send, or -1. */
  long nextRetirement() {
    Long sequence = toRetire.peek();
    return sequence == null ? -1 : sequence;
  }

  void onRetirementSent() {
    toRetire.poll();
  }

  void onRetirementLost(long sequence) {
    if (!toRetire.contains(sequence)) {
      toRetire.add(sequence);
    }
  }
}
