package org.veilor.seed.quic.connection;

/** Why a connection ended. */
public sealed interface TerminationCause {
  /** This side's application closed it. */
  record ClosedHere(long code, String reason) implements TerminationCause {}

  /** The peer's application closed it (CONNECTION_CLOSE of type 0x1d). */
  record ClosedByPeer(long code, String reason) implements TerminationCause {}

  /** The peer's transport closed it (type 0x1c): it found an error, or answered our close. */
  record TransportErrorByPeer(long code, long frameType, String reason)
      implements TerminationCause {}

  /** This side found the peer in error. */
  record TransportErrorHere(long code, long frameType, String reason) implements TerminationCause {}

  /** Nothing was heard for the idle timeout, or the handshake never got anywhere. */
  record IdleTimeout() implements TerminationCause {}

  /** The peer lost its state and said so (RFC 9000 §10.3). */
  record StatelessReset() implements TerminationCause {}

  /** The server speaks no version that we do. */
  record NoCommonVersion() implements TerminationCause {}

  /** The peer's address could not be validated and there is no other (RFC 9000 §9.3.2). */
  record PathLost() implements TerminationCause {}
}
