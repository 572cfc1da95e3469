package org.veilor.seed.quic.recovery;

/**
 * What a sent packet carried, as far as its fate matters: the owner of each is told whether it was
 * acknowledged or lost (RFC 9000 §13.3). A lost frame is never resent as it was: its owner decides
 * what is still worth saying, and says it with the newest value.
 */
public sealed interface SentFrame {
  /** CRYPTO bytes {@code [offset, offset + length)} of the packet's encryption level. */
  record Crypto(long offset, int length) implements SentFrame {}

  /** STREAM bytes {@code [offset, offset + length)}, with the FIN bit or without. */
  record StreamData(long streamId, long offset, int length, boolean fin) implements SentFrame {}

  /** RESET_STREAM of one stream. */
  record ResetStream(long streamId) implements SentFrame {}

  /** STOP_SENDING of one stream. */
  record StopSending(long streamId) implements SentFrame {}

  /** MAX_DATA. */
  record MaxData() implements SentFrame {}

  /** MAX_STREAM_DATA of one stream. */
  record MaxStreamData(long streamId) implements SentFrame {}

  /** MAX_STREAMS of one kind. */
  record MaxStreams(boolean bidirectional) implements SentFrame {}

  /**
   * An ACK that told of everything up to {@code largest}; once it is acknowledged, older ranges
   * need no repetition.
   */
  record Ack(long largest) implements SentFrame {}

  /** NEW_CONNECTION_ID with this sequence number. */
  record NewConnectionId(long sequence) implements SentFrame {}

  /** RETIRE_CONNECTION_ID with this sequence number. */
  record RetireConnectionId(long sequence) implements SentFrame {}

  /** HANDSHAKE_DONE. */
  record HandshakeDone() implements SentFrame {}

  /** NEW_TOKEN. */
  record NewToken() implements SentFrame {}

  /** A probe of the path's maximum datagram size: PING and PADDING. */
  record MtuProbe(int sizeBytes) implements SentFrame {}
}
