package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;
import static org.veilor.seed.quic.simulation.TransferTest.address;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.Tables;
import org.veilor.seed.quic.path.NetworkPath;

/** Beginnings and ends of connections, and their moves from address to address. */
class EndpointLifeTest {
  private static final Conditions SLOW = Conditions.perfect().withDelayNanos(20 * MILLI);
  private static final List<CipherSuite> SUITES = List.of(CipherSuite.TLS_AES_128_GCM_SHA256);

  // ---- moving

  @Test
  void followsAClientWhoseNatChangesThePort() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 2_000_000, 7);
    for (int i = 1; i <= 5; i++) {
      pair.network.run(150 * MILLI);
      pair.network.rebind(pair.client, address(9, 4000 + i));
    }
    pair.finish(transfer, 2_000_000, 30);
    assertThat(pair.serverSide().remoteAddress()).isEqualTo(address(9, 4005));
    assertThat(pair.serverSide().stats().migrations()).isPositive();
    assertThat(pair.server.migrated).isPositive();
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void followsAClientWhoseNatChangesTheAddress() {
    Pair pair = new Pair(2, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 2_000_000, 7);
    for (int i = 1; i <= 5; i++) {
      pair.network.run(150 * MILLI);
      pair.network.rebind(pair.client, address(20 + i, 4000));
    }
    pair.finish(transfer, 2_000_000, 60);
    assertThat(pair.serverSide().remoteAddress()).isEqualTo(address(25, 4000));
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void clientMigratesWhileItTransfers() {
    Pair pair = new Pair(3, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 2_000_000, 7);
    for (int i = 1; i <= 4; i++) {
      pair.network.run(200 * MILLI);
      InetSocketAddress to = address(40 + i, 1000 + i);
      pair.network.move(pair.client, to);
      connection.migrate(new NetworkPath(to, pair.server.address), pair.network.nowNanos);
      pair.client.endpoint.touch(connection);
    }
    pair.finish(transfer, 2_000_000, 60);
    assertThat(pair.serverSide().remoteAddress()).isEqualTo(address(44, 1004));
    assertThat(connection.stats().migrations()).isEqualTo(4);
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void repliesToAForgedAddressAreBoundedAndTheOldOneIsKept() {
    Pair pair = new Pair(4, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 2_000_000, 7);
    pair.network.run(200 * MILLI);
    // An attacker on the path sends on one datagram of the client under a false address.
    byte[][] copied = new byte[1][];
    pair.network.filter =
        (path, bytes) -> {
          if (copied[0] == null && bytes.length > 1000) {
            copied[0] = bytes.clone();
            return true;
          }
          return false;
        };
    pair.network.runUntil(() -> copied[0] != null, SECOND);
    pair.network.inject(address(66, 6666), pair.server.address, copied[0]);
    pair.finish(transfer, 2_000_000, 60);
    assertThat(pair.serverSide().remoteAddress()).isEqualTo(pair.client.address);
  }

  // ---- beginning

  @Test
  void retriesUnderLoad() {
    Pair pair = new Pair(5, SLOW, TransportConfig.defaults(), TransportConfig.defaults(), 0);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 10);
    assertThat(pair.server.endpoint.stats().retries()).isEqualTo(1);
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void retriesOverALossyNetwork() {
    for (long seed = 1; seed <= 10; seed++) {
      Conditions bad = SLOW.withLoss(0.2).withJitterNanos(30 * MILLI).withDuplication(0.3);
      Pair pair = new Pair(seed, bad, TransportConfig.defaults(), TransportConfig.defaults(), 0);
      Connection connection = pair.connect();
      pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 60);
    }
  }

  @Test
  void negotiatesVersions() {
    Pair pair = new Pair(6, SLOW);
    List<byte[]> answers = new ArrayList<>();
    byte[] unknown = new byte[1200];
    ByteBuffer.wrap(unknown)
        .put((byte) 0xc0)
        .putInt(0x1a2a3a4a)
        .put((byte) 8)
        .putLong(1)
        .put((byte) 3)
        .put(new byte[] {7, 7, 7});
    pair.network.filter = (path, bytes) -> !answers.add(bytes);
    pair.network.inject(address(7, 7), pair.server.address, unknown);
    pair.network.run(SECOND);
    assertThat(answers).hasSize(1);
    ByteBuffer answer = ByteBuffer.wrap(answers.getFirst());
    assertThat(answer.get() & 0x80).isNotZero();
    assertThat(answer.getInt()).isZero();
    assertThat(answer.get()).isEqualTo((byte) 3);
    assertThat(answer.position(answer.position() + 3).get()).isEqualTo((byte) 8);
    assertThat(answer.getLong()).isEqualTo(1);
    assertThat(answer.getInt()).isEqualTo(1);
    assertThat(pair.server.endpoint.stats().versionNegotiations()).isEqualTo(1);
    // Too small to be worth an answer.
    pair.network.inject(address(7, 7), pair.server.address, java.util.Arrays.copyOf(unknown, 1199));
    pair.network.run(SECOND);
    assertThat(answers).hasSize(1);
  }

  @Test
  void clientGivesUpWhenTheServerSpeaksNoCommonVersion() {
    Pair pair = new Pair(7, SLOW);
    byte[][] initial = new byte[1][];
    pair.network.filter =
        (path, bytes) -> {
          initial[0] = initial[0] == null ? bytes : initial[0];
          return true;
        };
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.runUntil(() -> initial[0] != null, SECOND);
    pair.network.inject(pair.server.address, pair.client.address, negotiation(initial[0], 1));
    pair.network.run(10 * MILLI);
    assertThat(pair.client.closed).as("a list with our own version is a lie").isEmpty();
    byte[] other = negotiation(initial[0], 0x6b3343cf);
    pair.network.inject(pair.server.address, pair.client.address, other);
    pair.network.run(10 * MILLI);
    assertThat(pair.client.closed.get(connection))
        .isEqualTo(new TerminationCause.NoCommonVersion());
    assertThat(Tables.size(pair.client.endpoint)).isZero();
  }

  private static byte[] negotiation(byte[] initial, int version) {
    int destination = initial[5];
    int source = initial[6 + destination];
    ByteBuffer out = ByteBuffer.allocate(7 + destination + source + 4);
    out.put((byte) 0x80).putInt(0);
    out.put((byte) source).put(initial, 7 + destination, source);
    out.put((byte) destination).put(initial, 6, destination);
    return out.putInt(version).array();
  }

  @Test
  void oneConnectionForInitialsToTwoAddressesOfAServer() {
    Pair pair = new Pair(8, SLOW);
    pair.network.alias(pair.server, address(3, 3000));
    Connection connection =
        pair.client.endpoint.connect(
            List.of(
                new NetworkPath(pair.client.address, pair.server.address),
                new NetworkPath(pair.client.address, address(3, 3000))),
            pair.server.publicKey(),
            List.of(Host.ALPN),
            pair.network.nowNanos);
    pair.network.runUntil(() -> !pair.server.established.isEmpty(), 5 * SECOND);
    pair.finish(pair.client.send(connection, 50_000, 7), 50_000, 10);
    assertThat(pair.server.endpoint.stats().accepted()).isEqualTo(1);
    pair.closeAndCheckNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void findsTheLivingOneOfSeveralAddresses(int living) {
    Pair pair = new Pair(9, SLOW.withLoss(0.1));
    List<NetworkPath> candidates = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      InetSocketAddress to = i == living ? pair.server.address : address(100 + i, 5000);
      candidates.add(new NetworkPath(pair.client.address, to));
    }
    Connection connection =
        pair.client.endpoint.connect(
            candidates, pair.server.publicKey(), List.of(Host.ALPN), pair.network.nowNanos);
    pair.network.runUntil(() -> !pair.client.established.isEmpty(), 20 * SECOND);
    pair.finish(pair.client.send(connection, 50_000, 7), 50_000, 20);
    assertThat(connection.remoteAddress()).isEqualTo(pair.server.address);
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void earlyDataIsSkippedAndTheRestOfTheDatagramRead() {
    Pair pair = new Pair(10, SLOW);
    byte[][] initial = new byte[1][];
    pair.network.filter =
        (path, bytes) -> {
          boolean isFirst = initial[0] == null;
          initial[0] = isFirst ? bytes : initial[0];
          return isFirst;
        };
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.runUntil(() -> initial[0] != null, SECOND);
    int idLength = initial[0][5];
    int sourceLength = initial[0][6 + idLength];
    int header = 7 + idLength + sourceLength;
    ByteBuffer both = ByteBuffer.allocate(initial[0].length + header + 2 + 50);
    both.put(initial[0]);
    both.put((byte) 0xd0).put(initial[0], 1, header - 1);
    both.putShort((short) (0x4000 | 50)).put(new byte[50]);
    pair.network.inject(pair.client.address, pair.server.address, both.array());
    pair.network.runUntil(() -> !pair.client.established.isEmpty(), 5 * SECOND);
    assertThat(pair.client.established).containsExactly(connection);
  }

  @Test
  void oneRttPacketsThatOvertakeTheHandshakeAreKept() {
    Pair pair = new Pair(11, SLOW);
    // The client's second flight and its first data change places.
    List<byte[]> held = new ArrayList<>();
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.settle();
    pair.network.filter =
        (path, bytes) -> path.local().equals(pair.client.address) && held.add(bytes);
    pair.network.runUntil(() -> !pair.client.established.isEmpty(), 5 * SECOND);
    Host.Transfer transfer = pair.client.send(connection, 3000, 7);
    pair.network.run(25 * MILLI);
    assertThat(pair.server.established).isEmpty();
    pair.network.filter = null;
    assertThat(held.getLast()[0] & 0x80).as("1-RTT").isZero();
    held.reversed().forEach(b -> pair.network.inject(pair.client.address, pair.server.address, b));
    pair.network.run(MILLI);
    assertThat(pair.server.established).hasSize(1);
    assertThat(pair.server.endpoint.stats().garbage()).isZero();
    pair.finish(transfer, 3000, 5);
  }

  // ---- ending

  @Test
  void restartedServerEndsOldConnectionsByStatelessReset() {
    Pair pair = new Pair(12, SLOW);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 50_000, 7), 50_000, 10);
    pair.network.remove(pair.server);
    Host again =
        new Host(pair.server.address, 2, 999, true, TransportConfig.defaults(), SUITES, 64);
    pair.network.add(again);
    pair.client.send(connection, 5000, 8);
    long before = pair.network.nowNanos;
    pair.network.runUntil(() -> pair.client.closed.containsKey(connection), 20 * SECOND);
    assertThat(pair.client.closed.get(connection)).isEqualTo(new TerminationCause.StatelessReset());
    assertThat(pair.network.nowNanos - before).isLessThan(200 * MILLI);
    assertThat(again.endpoint.stats().resetsSent()).isPositive();
    pair.network.run(5 * SECOND);
    assertThat(Tables.size(pair.client.endpoint)).isZero();
    assertThat(Tables.size(again.endpoint)).isZero();
  }

  @Test
  void restartedServerResetsAfterAMigrationToo() {
    Pair pair = new Pair(13, SLOW);
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    InetSocketAddress to = address(44, 1004);
    pair.network.move(pair.client, to);
    connection.migrate(new NetworkPath(to, pair.server.address), pair.network.nowNanos);
    pair.client.endpoint.touch(connection);
    pair.finish(pair.client.send(connection, 50_000, 7), 50_000, 10);
    pair.network.remove(pair.server);
    pair.network.add(
        new Host(pair.server.address, 2, 999, true, TransportConfig.defaults(), SUITES, 64));
    pair.client.send(connection, 5000, 8);
    pair.network.runUntil(() -> pair.client.closed.containsKey(connection), 20 * SECOND);
    assertThat(pair.client.closed.get(connection)).isEqualTo(new TerminationCause.StatelessReset());
  }

  @Test
  void closeInEveryStateOfTheHandshakeReachesBothSidesAndFreesBoth() {
    for (int step = 0; step < 12; step++) {
      // Every ten milliseconds from the first datagram to long after HANDSHAKE_DONE.
      for (boolean byServer : new boolean[] {false, true}) {
        if (byServer && step < 3) {
          continue; // it knows of nothing yet
        }
        Pair pair = new Pair(step, SLOW);
        Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
        pair.network.run(step * 10L * MILLI);
        Host closing = byServer ? pair.server : pair.client;
        closing.endpoint.closeAll(7, "early", pair.network.nowNanos);
        pair.network.run(70 * SECOND);
        pair.assertNothingIsLeft();
        assertThat(connection.isGone()).isTrue();
        assertThat(pair.client.closed).as("step " + step + " " + byServer).hasSize(1);
      }
    }
  }

  @Test
  void closeWithAnEndlessReasonIsStillTold() {
    Pair pair = new Pair(14, SLOW);
    Connection connection = pair.connect();
    connection.close(9, "\ud83d\ude00 ".repeat(3000), pair.network.nowNanos);
    pair.client.endpoint.touch(connection);
    pair.network.run(SECOND);
    assertThat(pair.server.closed.values())
        .allMatch(c -> c instanceof TerminationCause.ClosedByPeer(long code, _) && code == 9)
        .hasSize(1);
  }

  @Test
  void aHandshakeThatNeverEndsIsGivenUpHoweverAliveItsClientIs() {
    Pair pair = new Pair(15, SLOW);
    // The client never gets past the first flight of the server, but goes on to knock.
    pair.network.filter = (path, bytes) -> path.local().equals(pair.server.address);
    pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.run(40 * SECOND);
    assertThat(pair.server.endpoint.stats().handshakes()).isZero();
    pair.network.run(40 * SECOND);
    pair.assertNothingIsLeft();
  }

  @Test
  void aThousandConnectionsLeaveNothingBehind() {
    Pair pair = new Pair(16, SLOW);
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      connections.add(pair.client.connect(pair.server, pair.network.nowNanos));
    }
    assertThat(pair.network.runUntil(() -> pair.server.established.size() == 1000, 60 * SECOND))
        .isTrue();
    for (Connection connection : connections) {
      pair.client.send(connection, 100, 7);
    }
    pair.network.run(2 * SECOND);
    assertThat(pair.server.endpoint.stats().connections()).isEqualTo(1000);
    pair.closeAndCheckNothingIsLeft();
    assertThat(pair.server.closed).hasSize(1000);
  }

  // ---- keys

  @ParameterizedTest
  @ValueSource(longs = {7, 23, 100})
  void updatesKeysFromBothSidesOverABadNetwork(long packets) {
    TransportConfig often = TransportConfig.defaults().withKeyUpdatePackets(packets);
    for (long seed = 1; seed <= 3; seed++) {
      Conditions bad = SLOW.withLoss(0.03).withJitterNanos(15 * MILLI).withDuplication(0.05);
      Pair pair = new Pair(seed, bad, often, often, 64);
      Connection connection = pair.connect();
      pair.finish(pair.client.send(connection, 800_000, 7), 800_000, 120);
      assertThat(connection.stats().keyUpdates()).isGreaterThan(2);
      assertThat(Math.abs(connection.stats().keyUpdates() - pair.serverSide().stats().keyUpdates()))
          .isLessThanOrEqualTo(1);
      pair.closeAndCheckNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void updatesKeysWhenOnlyOneSideAsksForIt(boolean byClient) {
    TransportConfig often = TransportConfig.defaults().withKeyUpdatePackets(30);
    TransportConfig never = TransportConfig.defaults();
    Conditions narrow = SLOW.withRate(1_000_000, 100_000);
    Pair pair = new Pair(1, narrow, byClient ? often : never, byClient ? never : often, 64);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 3_000_000, 7), 3_000_000, 20);
    assertThat(connection.stats().keyUpdates()).isGreaterThan(3);
    assertThat(pair.serverSide().stats().keyUpdates()).isGreaterThan(3);
  }
}
