package org.veilor.seed.quic.connection;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.frame.Frame;

/**
 * The end of a connection (RFC 9000 §10.2): what is said, how often it is repeated, and when
 * everything may be forgotten.
 */
final class Termination {
  /**
   * States of a connection's end.
   *
   * <ul>
   *   <li>OPEN: from the beginning; to CLOSING when this side closes, to DRAINING when the peer did
   *       or a stateless reset came, to GONE on idle timeout
   *   <li>CLOSING: from OPEN; each packet that still comes may be answered with the close; to
   *       DRAINING when the peer closes too, to GONE after three PTOs
   *   <li>DRAINING: from OPEN or CLOSING; nothing is sent but one answer; to GONE after three PTOs
   *   <li>GONE: the last; the owner forgets the connection
   * </ul>
   */
  enum State {
    OPEN,
    CLOSING,
    DRAINING,
    GONE
  }

  private State state = State.OPEN;
  private Frame inOneRtt = new Frame.ConnectionClose(0, 0, "");
  private Frame inHandshake = new Frame.ConnectionClose(0, 0, "");
  private boolean sendPending;
  private long deadlineNanos = Long.MAX_VALUE;
  private long packetsWhileClosing;
  private @Nullable TerminationCause cause;

  State state() {
    return state;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Why, once it is known; the first cause stays. */
  @Nullable TerminationCause cause() {
    return cause;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Whether a datagram with the close is to be sent. */
  boolean wantsToSend() {
    return sendPending;
  }

  void onSent() {
    sendPending = false;
  }

  Frame inOneRtt() {
    return inOneRtt;
  }

  Frame inHandshake() {
    return inHandshake;
  }

  /**
   * The application closes. RFC 9000 §10.2.3: outside 1-RTT packets its code and words stay hidden.
   */
  void closeByApplication(long code, String reason, long forgetAtNanos) {
    inOneRtt = new Frame.ApplicationClose(code, shortened(reason));
    inHandshake = new Frame.ConnectionClose(TransportErrorCode.APPLICATION_ERROR.code(), 0, "");
    enter(State.CLOSING, new TerminationCause.ClosedHere(code, reason), forgetAtNanos);
    sendPending = true;
  }

  /** A reason must leave room for the close itself, in up to three packets of one datagram. */
  private static String shortened(String reason) {
    String text = reason;
    while (text.getBytes(StandardCharsets.UTF_8).length > TransportConfig.MAX_REASON_BYTES) {
      int end = text.length() - Math.max(1, text.length() / 8);
      text = text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }
    return text;
  }

  /** The peer broke a rule. */
  void closeWithError(long code, long frameType, String reason, long forgetAtNanos) {
    inOneRtt = new Frame.ConnectionClose(code, frameType, shortened(reason));
    inHandshake = inOneRtt;
    enter(
        State.CLOSING,
        new TerminationCause.TransportErrorHere(code, frameType, reason),
        forgetAtNanos);
    sendPending = true;
  }

  /** The peer closed, or closes too: one answer, so that it can stop repeating itself. */
  void onCloseByPeer(TerminationCause why, long forgetAtNanos) {
    boolean wasOpen = state == State.OPEN;
    enter(State.DRAINING, why, forgetAtNanos);
    if (wasOpen) {
      inOneRtt = new Frame.ConnectionClose(TransportErrorCode.NO_ERROR.code(), 0, "");
      inHandshake = inOneRtt;
      sendPending = true;
    }
  }

  /** The peer forgot us. Nothing is said any more. */
  void onStatelessReset(long forgetAtNanos) {
    enter(State.DRAINING, new TerminationCause.StatelessReset(), forgetAtNanos);
    sendPending = false;
  }

  /** It is over without a word. */
  void vanish(TerminationCause why) {
    enter(State.GONE, why, Long.MAX_VALUE);
    sendPending = false;
  }

  void onDeadline() {
    state = State.GONE;
    sendPending = false;
    deadlineNanos = Long.MAX_VALUE;
  }

  /**
   * A packet came although we are closing: RFC 9000 §10.2.1 wants the answers limited; every power
   * of two is answered.
   */
  void onPacketWhileClosing() {
    if (state == State.CLOSING) {
      packetsWhileClosing++;
      sendPending |= Long.bitCount(packetsWhileClosing) == 1;
    }
  }

  private void enter(State next, TerminationCause why, long forgetAtNanos) {
    if (cause == null) {
      cause = why;
    }
    state = next;
    deadlineNanos = Math.min(deadlineNanos, forgetAtNanos);
  }
}
