package org.veilor.seed.quic.stream;

/** The states of the receiving half of a stream, RFC 9000 §3.2. */
enum ReceiveState {
  /**
   * Data arrives. In: creation. Out: SIZE_KNOWN, DATA_RECVD (FIN), RESET_RECVD, RESET_READ
   * (RESET_STREAM).
   */
  RECV,
  /**
   * The FIN was seen, data is missing. In: RECV. Out: DATA_RECVD, RESET_RECVD, RESET_READ (not
   * wanted).
   */
  SIZE_KNOWN,
  /** All data arrived. In: RECV, SIZE_KNOWN. Out: DATA_READ. A RESET_STREAM no longer matters. */
  DATA_RECVD,
  /** Terminal: the application has everything, or wants nothing. In: DATA_RECVD. */
  DATA_READ,
  /** The peer abandoned the stream. In: RECV, SIZE_KNOWN. Out: RESET_READ. */
  RESET_RECVD,
  /**
   * Terminal: the application knows of the reset, or did not want the stream. In: RECV, SIZE_KNOWN,
   * RESET_RECVD.
   */
  RESET_READ;

  boolean isTerminal() {
    return this == DATA_READ || this == RESET_READ;
  }
}
