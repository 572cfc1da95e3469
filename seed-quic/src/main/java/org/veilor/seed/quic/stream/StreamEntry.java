package org.veilor.seed.quic.stream;

import org.jspecify.annotations.Nullable;

/** One stream: its halves, and in which queues it waits. */
final class StreamEntry {
  final long id;
  final boolean isOpenedByPeer;

  /** Null for a unidirectional stream of the peer. */
  final @Nullable SendHalf send;

  /** Null for a unidirectional stream of ours. */
  final @Nullable ReceiveHalf receive;

  // Frames about this stream that have to be sent, if they still matter then.
  boolean resetDue;
  boolean stopDue;
  boolean creditDue;

  // Queues that hold this stream.
  boolean inControlQueue;
  boolean inLostQueue;
  boolean inReadyQueue;
  boolean inBlockedQueue;

  // Events that wait to be taken.
  boolean readablePending;
  boolean writablePending;

  /** Room in the send buffer that the application waits for, 0 if it does not wait. */
  int wantedRoom;

  boolean inRoomQueue;

  StreamEntry(
      long id, boolean isOpenedByPeer, @Nullable SendHalf send, @Nullable ReceiveHalf receive) {
    this.id = id;
    this.isOpenedByPeer = isOpenedByPeer;
    this.send = send;
    this.receive = receive;
  }

  /** Whether a control frame still has to be sent: what was due may not matter any more. */
  boolean hasControl() {
    return isResetDue() || isStopDue() || isCreditDue();
  }

  boolean isResetDue() {
    return resetDue && send != null && send.state() == SendState.RESET_SENT;
  }

  boolean isStopDue() {
    return stopDue && receive != null && receive.wantsStop();
  }

  boolean isCreditDue() {
    return creditDue && receive != null && receive.wantsCredit();
  }

  boolean isDone() {
    return (send == null || send.state().isTerminal())
        && (receive == null || receive.state().isTerminal());
  }
}
