package org.veilor.seed.quic.connection;

import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.packet.RetryPackets;

/**
 * Whether the peer was heard of yet, and what a server may say to a client's first packet instead
 * of a handshake: Retry and Version Negotiation (RFC 9000 §17.2.5, §6.2).
 */
final class Opening {
  private final boolean isClient;
  private final ConnectionId originalDestination;
  private @Nullable ConnectionId retrySource;
  private boolean heardFromPeer;

  Opening(boolean isClient, ConnectionId originalDestination) {
    this.isClient = isClient;
    this.originalDestination = originalDestination;
  }

  /** Destination of the client's very first packet. */
  ConnectionId originalDestination() {
    return originalDestination;
  }

  /** The id that the server chose in a Retry, if there was one. */
  @Nullable ConnectionId retrySource() {
    return retrySource;
  }

  boolean heardFromPeer() {
    return heardFromPeer;
  }

  /** A packet of the peer authenticated. */
  void onHeardFromPeer() {
    heardFromPeer = true;
  }

  private boolean isUnanswered() {
    return isClient && !heardFromPeer && retrySource == null;
  }

  /** Whether to begin anew as the Retry says; only the first is taken. */
  boolean takes(ParsedPacket.Retry retry, byte[] datagram) {
    boolean isAcceptable =
        isUnanswered()
            && retry.token().length <= TransportConfig.MAX_TOKEN_BYTES
            // RFC 9000 §17.2.5.2: a Retry that changes nothing is discarded.
            && !retry.source().equals(originalDestination)
            && RetryPackets.integrityTagIsValid(
                datagram, retry.startOffset(), retry.endOffset(), originalDestination);
    if (isAcceptable) {
      retrySource = retry.source();
    }
    return isAcceptable;
  }

  /** Whether the server truly speaks no version of ours. */
  boolean isEndedBy(
      ParsedPacket.VersionNegotiation negotiation, Collection<ConnectionId> localIds) {
    // RFC 9000 §6.2: ignored once anything was heard, or if it lists the version we used.
    boolean listsOurs = Arrays.stream(negotiation.versions()).anyMatch(version -> version == 1);
    boolean isForUs =
        negotiation.source().equals(originalDestination)
            && localIds.contains(negotiation.destination());
    return isUnanswered() && !listsOurs && isForUs;
  }
}
