package org.veilor.seed.quic.connection;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.path.MtuDiscovery;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.stream.StreamLimits;
import org.veilor.seed.quic.tls.TlsSession;

/**
 * What a connection is made of.
 *
 * @param originalDestination destination of the client's very first Initial
 * @param initialKeysId what the Initial keys come from: that, or after a Retry the id it gave
 * @param localId this side's first id
 * @param remoteId the peer's first id, for a client the original destination
 * @param token what a client says in its Initials to prove its address, empty for nothing
 * @param candidates a client's paths to the server; the first is the one in the path's route
 */
@SuppressWarnings("ArrayRecordComponent") // parameters of one call
public record ConnectionParts(
    TransportConfig config,
    boolean isClient,
    TlsSession tls,
    ConnectionId originalDestination,
    ConnectionId initialKeysId,
    ConnectionId localId,
    ConnectionId remoteId,
    ConnectionIdSource idSource,
    Path path,
    List<NetworkPath> candidates,
    byte[] token,
    RandomSource random,
    long nowNanos) {

  /** The token of whoever has none. */
  public static final byte[] NO_TOKEN = new byte[0];

  /** Puts the parts together. */
  public Connection connect() {
    return new Connection(this);
  }

  /** Path 0 with a route about which nothing is known yet. */
  public static Path newPath(
      NetworkPath networkPath, boolean validated, TransportConfig config, RandomSource random) {
    return new Path(
        0,
        PacketSpace.application(TransportConfig.MAX_ACK_DELAY_NANOS, random),
        Route.fresh(networkPath, validated, new MtuDiscovery(config.maxMtuBytes())));
  }

  /** The transport parameters that say what a configuration offers. */
  public static TransportParameters.Builder parameters(
      TransportConfig config, ConnectionId localId) {
    StreamLimits streams = config.streams();
    return TransportParameters.builder()
        .maxIdleTimeoutMillis(config.idleTimeoutMillis())
        .maxUdpPayloadSize(TransportConfig.MAX_UDP_PAYLOAD_BYTES)
        .initialMaxData(streams.initialConnectionWindow())
        .initialMaxStreamDataBidiLocal(streams.initialStreamWindow())
        .initialMaxStreamDataBidiRemote(streams.initialStreamWindow())
        .initialMaxStreamDataUni(streams.initialStreamWindow())
        .initialMaxStreamsBidi(streams.maxBidirectional())
        .initialMaxStreamsUni(streams.maxUnidirectional())
        .activeConnectionIdLimit(TransportConfig.ACTIVE_CONNECTION_ID_LIMIT)
        .maxDatagramFrameSize(config.maxDatagramFrameBytes())
        .initialSource(localId);
  }

  /**
   * RFC 9000 §7.3: the ids of the handshake are authenticated by what both sides saw.
   *
   * @param remoteId the Source Connection ID of the peer's packets
   * @throws TransportException TRANSPORT_PARAMETER_ERROR if the peer saw others
   */
  static void checkIds(
      TransportParameters parameters,
      boolean isClient,
      ConnectionId remoteId,
      ConnectionId originalDestination,
      @Nullable ConnectionId retrySource)
      throws TransportException {
    boolean matches = Objects.equals(parameters.initialSource(), remoteId);
    if (isClient) {
      matches &= Objects.equals(parameters.originalDestination(), originalDestination);
      matches &= Objects.equals(parameters.retrySource(), retrySource);
    }
    if (!matches) {
      throw new TransportException(
          TransportErrorCode.TRANSPORT_PARAMETER_ERROR, "connection ids do not match");
    }
  }
}
