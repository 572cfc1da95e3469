package org.veilor.seed.quic.stream;

/** The states of the sending half of a stream, RFC 9000 §3.1. */
enum SendState {
  /**
   * Nothing sent. In: creation. Out: SEND (STREAM sent), DATA_SENT (STREAM with FIN sent),
   * RESET_SENT.
   */
  READY,
  /** Sending. In: READY. Out: DATA_SENT (FIN sent), RESET_SENT (RESET_STREAM queued). */
  SEND,
  /** Everything sent once. In: READY, SEND. Out: DATA_RECVD (all acknowledged), RESET_SENT. */
  DATA_SENT,
  /** Terminal: everything acknowledged. In: DATA_SENT. */
  DATA_RECVD,
  /** Abandoned. In: READY, SEND, DATA_SENT. Out: RESET_RECVD (RESET_STREAM acknowledged). */
  RESET_SENT,
  /** Terminal: the peer knows of the reset. In: RESET_SENT. */
  RESET_RECVD;

  boolean isTerminal() {
    return this == DATA_RECVD || this == RESET_RECVD;
  }

  /** Whether STREAM frames may still be sent. */
  boolean isSending() {
    return this == READY || this == SEND || this == DATA_SENT;
  }
}
