package org.veilor.seed.quic.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.path.MtuDiscovery;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.PathValidation;
import org.veilor.seed.quic.path.Route;
import org.veilor.seed.quic.recovery.RttEstimator;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Where the peer is: candidates while a client is still dialling, migration and validation
 * afterwards (RFC 9000 §8.2, §9).
 *
 * <p>A client sends its first datagrams to every address it knows and takes the first that answers
 * with something authentic, as iroh does (transport.md §6.2); the first Handshake packet settles
 * it.
 */
final class PathManager {
  private final boolean isClient;
  private final TransportConfig config;
  private final Path path;
  private final Recovery recovery;
  private final RemoteConnectionIds remoteIds;
  private final RandomSource random;
  private final ArrayDeque<PendingResponse> responses = new ArrayDeque<>();
  private List<NetworkPath> candidates;
  private boolean settled;
  private long peerMaxUdpPayload = TransportConfig.MAX_UDP_PAYLOAD_BYTES;
  private long migrations;

  private record PendingResponse(long data, NetworkPath to, boolean padded) {}

  PathManager(
      TransportConfig config,
      Path path,
      Recovery recovery,
      RemoteConnectionIds remoteIds,
      List<NetworkPath> candidates,
      RandomSource random) {
    this.isClient = recovery.isClient();
    this.config = config;
    this.path = path;
    this.recovery = recovery;
    this.remoteIds = remoteIds;
    this.candidates = candidates;
    this.random = random;
  }

  /** Whether a datagram from there may belong to this connection at all. */
  boolean accepts(NetworkPath from, boolean handshakeConfirmed) {
    if (from.equals(path.route().networkPath())) {
      return true;
    }
    if (isClient) {
      // Once settled, the server stays where it is; what it sent to our former address still
      // counts.
      return settled
          ? from.remote().equals(path.route().networkPath().remote())
          : candidates.contains(from);
    }
    // RFC 9000 §9: "An endpoint MUST NOT initiate connection migration before the handshake is
    // confirmed."
    return handshakeConfirmed;
  }

  /** The other addresses that get a copy of what is sent now. */
  List<NetworkPath> copies() {
    if (!isClient || settled || candidates.size() < 2) {
      return List.of();
    }
    List<NetworkPath> others = new ArrayList<>(candidates);
    others.remove(path.route().networkPath());
    return others;
  }

  /** An authentic packet of the handshake came from there. */
  void onHandshakePacket(NetworkPath from, EncryptionLevel level) {
    if (isClient) {
      if (!settled && !from.equals(path.route().networkPath())) {
        path.migrateTo(path.route().rebound(from));
        path.route().setValidated();
      }
      settled |= level == EncryptionLevel.HANDSHAKE;
      if (settled) {
        candidates = List.of();
      }
    } else if (level == EncryptionLevel.HANDSHAKE) {
      // RFC 9000 §8.1: a Handshake packet proves that our Initial was received there.
      path.route().setValidated();
    }
  }

  /** The handshake is confirmed: larger datagrams may be tried. */
  void onConfirmed() {
    path.route().mtuDiscovery().start(peerMaxUdpPayload);
  }

  void setPeerMaxUdpPayload(long bytes) {
    peerMaxUdpPayload = bytes;
  }

  /**
   * A client's packet with more than probing frames came from elsewhere: it moved, or its NAT did
   * (RFC 9000 §9.3).
   */
  void onNonProbingPacket(NetworkPath from, int datagramBytes, long nowNanos) {
    if (isClient || from.equals(path.route().networkPath())) {
      return;
    }
    migrations++;
    if (path.returnTo(from)) {
      return;
    }
    Route old = path.route();
    boolean onlyPort = old.networkPath().remote().getAddress().equals(from.remote().getAddress());
    Route next = onlyPort ? old.rebound(from) : freshRoute(from, false);
    next.onDatagramReceived(datagramBytes);
    path.migrateTo(next);
    // RFC 9000 §9.5: a new id where there is one, so that the paths cannot be linked.
    remoteIds.rotate();
    validate(nowNanos);
  }

  /** This client's own address changed: it goes on from the new one (RFC 9000 §9.2). */
  void migrate(NetworkPath to, long nowNanos) {
    path.migrateTo(freshRoute(to, true));
    remoteIds.rotate();
    validate(nowNanos);
    migrations++;
  }

  private Route freshRoute(NetworkPath networkPath, boolean validated) {
    MtuDiscovery mtu = new MtuDiscovery(config.maxMtuBytes());
    mtu.start(peerMaxUdpPayload);
    return Route.fresh(networkPath, validated, mtu);
  }

  private void validate(long nowNanos) {
    long current = recovery.ptoDurationNanos(EncryptionLevel.ONE_RTT);
    long ofNewPath = new RttEstimator().ptoBaseNanos();
    path.validate(
        new PathValidation(path.route(), current, Math.max(current, ofNewPath), nowNanos));
  }

  /** A newer challenge from the same place replaces the older: one answer each, never more. */
  void onChallenge(long data, NetworkPath from, int packetBytes) {
    responses.removeIf(pending -> pending.to.equals(from));
    if (responses.size() >= TransportConfig.MAX_PENDING_PATH_RESPONSES) {
      responses.poll();
    }
    // RFC 9000 §8.2.2: expanded to 1200 bytes unless that would amplify more than threefold.
    boolean padded = 3 * packetBytes >= TransportConfig.MIN_MTU_BYTES;
    responses.add(new PendingResponse(data, from, padded));
  }

  /** Whether the response ended a validation well. */
  boolean onResponse(long data) {
    PathValidation run = path.validation();
    if (run == null || !run.isAnsweredBy(data)) {
      return false;
    }
    path.onValidated();
    return true;
  }

  /**
   * Gives up a validation that takes too long.
   *
   * @return false if the connection has no address left
   */
  boolean onTimeout(long nowNanos) {
    PathValidation run = path.validation();
    return run == null || !run.isOver(nowNanos) || path.onValidationFailed();
  }

  long nextTimeoutNanos() {
    PathValidation run = path.validation();
    return run == null ? Long.MAX_VALUE : run.nextTimeoutNanos();
  }

  long migrations() {
    return migrations;
  }

  /** A datagram with a PATH_RESPONSE or PATH_CHALLENGE, or null if none is due. */
  @Nullable Transmit nextProbe(PacketWriter writer, byte[] b, long nowNanos)
      throws TransportException {
    PendingResponse response = responses.poll();
    if (response != null) {
      return respond(writer, b, response, nowNanos);
    }
    PathValidation run = path.validation();
    if (run == null || !run.wantsToSend(nowNanos)) {
      return null;
    }
    Route route = run.route();
    boolean padded = route.amplificationCreditBytes() >= TransportConfig.MIN_MTU_BYTES;
    Frame challenge = new Frame.PathChallenge(run.nextChallenge(random, nowNanos));
    int size = writer.writePathProbe(b, List.of(challenge), route, padded, nowNanos);
    route.onDatagramSent(size);
    return new Transmit(route.networkPath(), List.of(), size, size);
  }

  private @Nullable Transmit respond(
      PacketWriter writer, byte[] b, PendingResponse response, long nowNanos)
      throws TransportException {
    boolean isCurrent = response.to.equals(path.route().networkPath());
    Route route = isCurrent ? path.route() : freshRoute(response.to, true);
    if (route.amplificationCreditBytes() < TransportConfig.MIN_MTU_BYTES) {
      return null;
    }
    Frame frame = new Frame.PathResponse(response.data);
    int size = writer.writePathProbe(b, List.of(frame), route, response.padded, nowNanos);
    route.onDatagramSent(size);
    return new Transmit(response.to, List.of(), size, size);
  }
}
