package org.veilor.seed.quic.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.path.PathValidation;
import org.veilor.seed.quic.stream.Streams;
import org.veilor.seed.quic.tls.EncryptionLevel;
import org.veilor.seed.quic.tls.TlsClientConfig;
import org.veilor.seed.quic.tls.TlsIdentity;
import org.veilor.seed.quic.tls.TlsSession;

/** Which addresses count, and when a move is believed (RFC 9000 §8.2, §9; transport.md §6.2). */
class PathManagerTest {
  private static final long MILLI = 1_000_000;
  private static final TransportConfig CONFIG = TransportConfig.defaults();
  private static final NetworkPath FIRST = to(2, 1000);
  private static final NetworkPath SECOND = to(3, 1000);
  private static final NetworkPath STRANGER = to(9, 1000);

  private static final ConnectionIdSource NO_IDS =
      new ConnectionIdSource() {
        @Override
        public ConnectionId newConnectionId() {
          throw new AssertionError("no ids are asked for");
        }

        @Override
        public byte[] resetTokenFor(ConnectionId id) {
          return new byte[16];
        }
      };

  private final RandomSource random = new Random(1)::nextBytes;
  private final Path path = ConnectionParts.newPath(FIRST, true, CONFIG, random);

  private static NetworkPath to(int host, int port) {
    InetAddress local = InetAddress.ofLiteral("10.0.0.1");
    InetAddress remote = InetAddress.ofLiteral("10.0.0." + host);
    return new NetworkPath(new InetSocketAddress(local, 1), new InetSocketAddress(remote, port));
  }

  private PathManager client(NetworkPath... candidates) {
    return manager(true, List.of(candidates));
  }

  private PathManager server() {
    return manager(false, List.of());
  }

  private PathManager manager(boolean isClient, List<NetworkPath> candidates) {
    ConnectionId id = ConnectionId.of(new byte[8]);
    RemoteConnectionIds remoteIds = new RemoteConnectionIds(id);
    LocalConnectionIds localIds = new LocalConnectionIds(NO_IDS, id);
    Handshake handshake = handshake(isClient, id);
    FrameFates fates =
        new FrameFates(
            handshake,
            new Streams(isClient, CONFIG.streams()),
            localIds,
            remoteIds,
            new ControlFrames(localIds, remoteIds));
    Recovery recovery = new Recovery(isClient, handshake, path, fates, new Observed());
    return new PathManager(CONFIG, path, recovery, remoteIds, candidates, random);
  }

  /** One that never gets a word: the manager only asks for roles and times. */
  private Handshake handshake(boolean isClient, ConnectionId id) {
    TlsIdentity key = new TlsIdentity(new byte[32]);
    List<byte[]> alpns = List.of(new byte[] {1});
    List<CipherSuite> suites = List.of(CipherSuite.TLS_AES_128_GCM_SHA256);
    TlsSession tls =
        TlsSession.client(
            new TlsClientConfig(key, key.publicKey32(), alpns, suites), new byte[0], random);
    return new Handshake(
        isClient,
        tls,
        id,
        CONFIG.keyUpdatePackets(),
        new Handshake.Listener() {
          @Override
          public void onPeerParameters(TransportParameters parameters) {
            throw new AssertionError("nobody spoke");
          }

          @Override
          public void onComplete(byte[] peerKey, byte[] alpn) {
            throw new AssertionError("nobody spoke");
          }
        });
  }

  // ---- a client that dials

  @Test
  void aDiallingClientSpeaksToAllCandidatesAndHearsThemOnly() {
    PathManager paths = client(FIRST, SECOND);
    assertThat(paths.copies()).containsExactly(SECOND);
    assertThat(paths.accepts(FIRST, false)).isTrue();
    assertThat(paths.accepts(SECOND, false)).isTrue();
    assertThat(paths.accepts(STRANGER, false)).isFalse();
  }

  @Test
  void theFirstAuthenticAnswerIsFollowedAndAHandshakePacketSettlesIt() {
    PathManager paths = client(FIRST, SECOND);
    paths.onHandshakePacket(SECOND, EncryptionLevel.INITIAL);
    assertThat(path.route().networkPath()).isEqualTo(SECOND);
    assertThat(path.route().isValidated()).isTrue();
    assertThat(paths.copies()).as("not settled yet").containsExactly(FIRST);
    paths.onHandshakePacket(SECOND, EncryptionLevel.HANDSHAKE);
    assertThat(paths.copies()).isEmpty();
    assertThat(paths.accepts(FIRST, true)).as("the server stays where it is").isFalse();
    assertThat(paths.accepts(SECOND, true)).isTrue();
  }

  @Test
  void aClientIsReachedAtItsFormerAddressStill() {
    PathManager paths = client(FIRST);
    paths.onHandshakePacket(FIRST, EncryptionLevel.HANDSHAKE);
    NetworkPath moved = new NetworkPath(new InetSocketAddress("10.0.0.1", 77), FIRST.remote());
    paths.migrate(moved, 0);
    assertThat(path.route().networkPath()).isEqualTo(moved);
    assertThat(paths.migrations()).isEqualTo(1);
    assertThat(paths.accepts(FIRST, true)).isTrue();
    assertThat(path.validation()).isNotNull();
  }

  @Test
  void aClientDoesNotFollowItsServer() {
    PathManager paths = client(FIRST);
    paths.onHandshakePacket(FIRST, EncryptionLevel.HANDSHAKE);
    paths.onNonProbingPacket(SECOND, 1200, 0);
    assertThat(path.route().networkPath()).isEqualTo(FIRST);
    assertThat(paths.migrations()).isZero();
  }

  // ---- a server

  @Test
  void aServerHearsNobodyElseBeforeTheHandshakeIsConfirmed() {
    PathManager paths = server();
    assertThat(paths.accepts(FIRST, false)).isTrue();
    assertThat(paths.accepts(SECOND, false)).isFalse();
    assertThat(paths.accepts(SECOND, true)).isTrue();
  }

  @Test
  void aMoveIsFollowedAtOnceAndBelievedAfterTheAnswer() {
    PathManager paths = server();
    paths.onNonProbingPacket(SECOND, 1200, 0);
    assertThat(path.route().networkPath()).isEqualTo(SECOND);
    assertThat(path.route().isValidated()).isFalse();
    assertThat(path.route().amplificationCreditBytes()).isEqualTo(3 * 1200);
    long challenge = Objects.requireNonNull(path.validation()).nextChallenge(random, 0);
    assertThat(paths.onResponse(challenge + 1)).isFalse();
    assertThat(path.route().isValidated()).isFalse();
    assertThat(paths.onResponse(challenge)).isTrue();
    assertThat(path.route().isValidated()).isTrue();
    assertThat(paths.onResponse(challenge)).as("a late copy").isFalse();
    assertThat(paths.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aNewPortKeepsWhatIsKnownOfTheRouteAndANewHostDoesNot() {
    path.route().rtt().update(5 * MILLI, 0, true, 0);
    PathManager paths = server();
    paths.onNonProbingPacket(to(2, 1001), 1200, 0);
    assertThat(path.route().rtt().smoothedNanos()).isEqualTo(5 * MILLI);
    paths.onNonProbingPacket(SECOND, 1200, 0);
    assertThat(path.route().rtt().smoothedNanos()).isGreaterThan(100 * MILLI);
  }

  @Test
  void whoReturnsIsBelievedAtOnce() {
    PathManager paths = server();
    paths.onNonProbingPacket(SECOND, 1200, 0);
    paths.onNonProbingPacket(FIRST, 1200, 10 * MILLI);
    assertThat(path.route().networkPath()).isEqualTo(FIRST);
    assertThat(path.route().isValidated()).isTrue();
    assertThat(path.validation()).isNull();
  }

  @Test
  void anUnansweredMoveIsTakenBack() {
    PathManager paths = server();
    paths.onNonProbingPacket(STRANGER, 1200, 0);
    long deadline = 0;
    for (PathValidation run = path.validation(); run != null; run = path.validation()) {
      deadline = paths.nextTimeoutNanos();
      if (run.wantsToSend(deadline)) {
        run.nextChallenge(random, deadline);
      }
      assertThat(paths.onTimeout(deadline)).as("an address is left").isTrue();
    }
    assertThat(path.route().networkPath()).isEqualTo(FIRST);
    assertThat(deadline).as("three PTOs of an unknown path").isBetween(2900 * MILLI, 3100 * MILLI);
  }
}
