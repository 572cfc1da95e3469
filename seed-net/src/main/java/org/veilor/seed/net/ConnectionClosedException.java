package org.veilor.seed.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.connection.TerminationCause;

/** A connection is over, or never came to be. */
public final class ConnectionClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable TerminationCause cause;

  ConnectionClosedException(@Nullable TerminationCause cause) {
    super(sentence(cause));
    this.cause = cause;
  }

  ConnectionClosedException(String sentence) {
    super(sentence);
    this.cause = null;
  }

  /** Why; null if nothing was tried. */
  public @Nullable TerminationCause terminationCause() {
    return cause;
  }

  private static String sentence(@Nullable TerminationCause cause) {
    return switch (cause) {
      case null -> "the connection is closed";
      case TerminationCause.ClosedHere c -> "closed by this side with code " + c.code();
      case TerminationCause.ClosedByPeer c ->
          "closed by the peer with code " + c.code() + reason(c.reason());
      case TerminationCause.TransportErrorByPeer c ->
          "refused by the peer with QUIC error 0x"
              + Long.toHexString(c.code())
              + reason(c.reason());
      case TerminationCause.TransportErrorHere c ->
          "the peer broke the protocol, QUIC error 0x"
              + Long.toHexString(c.code())
              + reason(c.reason());
      case TerminationCause.IdleTimeout _ -> "nothing was heard from the peer until the timeout";
      case TerminationCause.StatelessReset _ -> "the peer restarted and forgot the connection";
      case TerminationCause.NoCommonVersion _ -> "the peer speaks no QUIC version 1";
      case TerminationCause.PathLost _ -> "the peer's address could not be confirmed";
    };
  }

  private static String reason(String reason) {
    return reason.isEmpty() ? "" : ": " + reason;
  }
}
