package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;
import static org.veilor.seed.quic.simulation.TransferTest.address;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.ConnectionParts;
import org.veilor.seed.quic.connection.Forger;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.qlog.ConnectionObserver;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * One test for each pitfall of quic-in-java.md §9 (named Java…) and transport.md §10 (named
 * Transport…) that a connection or an endpoint can fall into. Those of TLS messages, transport
 * parameters and addresses (Java 7, 11; Transport 3, 4, 13, 14) are tested with their parsers; Java
 * 13 and 14 concern the Rust peers; Transport 2, 7, 9 and 10 sockets and multipath.
 */
class PitfallsTest {
  private static final Conditions SLOW = Conditions.perfect().withDelayNanos(20 * MILLI);

  private static Pair withKeyUpdates(long ofClient, long ofServer) {
    TransportConfig config = TransportConfig.defaults();
    return new Pair(
        1,
        SLOW.withJitterNanos(10 * MILLI),
        config.withKeyUpdatePackets(ofClient),
        config.withKeyUpdatePackets(ofServer),
        64);
  }

  @Test
  void java1AndTransport1AnEarlyKeyUpdateOfThePeerIsFollowed() {
    Pair pair = withKeyUpdates(1 << 20, 10);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 900_000, 7), 900_000, 20);
    assertThat(connection.stats().keyUpdates()).isGreaterThan(1);
  }

  @Test
  void java2PacketsOfTheOldPhaseAreReadAfterOurOwnUpdate() {
    Pair pair = withKeyUpdates(40, 1 << 20);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 900_000, 7), 900_000, 20);
    assertThat(connection.stats().keyUpdates()).isGreaterThan(1);
    // Nothing was lost and nothing forged, so nothing may be dropped.
    assertThat(connection.stats().droppedPackets()).isZero();
    assertThat(pair.serverSide().stats().droppedPackets()).isZero();
  }

  /** Compares what one side acknowledges with what it received. */
  private static final class AckWatch implements ConnectionObserver {
    final Set<Long> sent = new HashSet<>();
    long acks;
    boolean isHonest = true;

    @Override
    public void onPacketSent(
        EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {
      if (level == EncryptionLevel.ONE_RTT) {
        sent.add(number);
      }
    }

    @Override
    public void onPacketReceived(
        EncryptionLevel level, long number, int sizeBytes, List<Frame> frames, long nowNanos) {
      for (Frame frame : frames) {
        if (level == EncryptionLevel.ONE_RTT && frame instanceof Frame.Ack ack) {
          onAck(ack);
        }
      }
    }

    private void onAck(Frame.Ack ack) {
      acks++;
      for (int i = 0; i < ack.rangeCount(); i++) {
        for (long n = ack.smallestOf(i); n <= ack.largestOf(i); n++) {
          isHonest &= sent.contains(n);
        }
      }
    }
  }

  @Test
  void java3AndTransport5SkippedPacketNumbersAreNeverAcknowledged() {
    Pair pair = new Pair(1, SLOW.withLoss(0.05).withJitterNanos(10 * MILLI));
    AckWatch watch = new AckWatch();
    pair.client.endpoint.observeWith(c -> watch);
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 300_000, 7), 300_000, 60);
    assertThat(watch.acks).isGreaterThan(50);
    assertThat(watch.isHonest).isTrue();
    long largest = watch.sent.stream().mapToLong(n -> n).max().orElse(0);
    assertThat(watch.sent).as("numbers were skipped").hasSizeLessThan((int) largest + 1);
  }

  @Test
  void java4AndTransport17LargeProbesArriveAndAreAcknowledged() {
    Pair pair = new Pair(1, SLOW);
    Set<Integer> sizes = new HashSet<>();
    pair.network.filter =
        (path, bytes) -> {
          sizes.add(bytes.length);
          return false;
        };
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    assertThat(sizes).contains(1326, 1389, 1420, 1452);
    assertThat(connection.stats().mtuBytes()).isEqualTo(1452);
    assertThat(pair.serverSide().stats().mtuBytes()).isEqualTo(1452);
  }

  @Test
  void java5AndTransport6CopiesOfAnInitialMakeOneConnection() {
    Pair pair = new Pair(1, SLOW);
    pair.network.alias(pair.server, address(3, 3000));
    pair.network.alias(pair.server, address(4, 3000));
    pair.client.endpoint.connect(
        List.of(
            new NetworkPath(pair.client.address, pair.server.address),
            new NetworkPath(pair.client.address, address(3, 3000)),
            new NetworkPath(pair.client.address, address(4, 3000))),
        pair.server.publicKey(),
        List.of(Host.ALPN),
        pair.network.nowNanos);
    pair.network.run(2 * SECOND);
    assertThat(pair.server.established).hasSize(1);
    assertThat(pair.server.endpoint.stats().accepted()).isEqualTo(1);
  }

  @Test
  void java6ManyConnectionsShareOnePairOfAddresses() {
    Pair pair = new Pair(1, SLOW);
    List<Host.Transfer> transfers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      transfers.add(pair.client.send(pair.connect(), 20_000, i));
    }
    transfers.forEach(t -> pair.finish(t, 20_000, 10));
    assertThat(pair.server.established).hasSize(10);
  }

  @Test
  void java8NothingUnimplementedIsOffered() {
    byte[] encoded =
        ConnectionParts.parameters(TransportConfig.defaults(), ConnectionId.of(new byte[8]))
            .build()
            .encode(bytes -> {});
    Set<Long> ids = new HashSet<>();
    java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(encoded);
    while (in.hasRemaining()) {
      ids.add(org.veilor.seed.quic.packet.VarInt.read(in));
      int length = (int) org.veilor.seed.quic.packet.VarInt.read(in);
      in.position(in.position() + length);
    }
    // 0x20 is implemented: DATAGRAM frames
    assertThat(ids).doesNotContain(0x2ab2L, 0xff04de1bL, 0x3eL, 0x3d7f91120401L, 0x9f81a176L);
  }

  @Test
  void java9RetryIsAnsweredWithItsToken() {
    TransportConfig config = TransportConfig.defaults();
    Pair pair = new Pair(1, SLOW, config, config, 0);
    pair.connect();
    assertThat(pair.server.endpoint.stats().retries()).isEqualTo(1);
    assertThat(pair.server.endpoint.stats().accepted()).isEqualTo(1);
  }

  private static @Nullable TerminationCause refusal(Pair pair, byte[] key, String alpn) {
    Connection connection =
        pair.client.endpoint.connect(
            List.of(new NetworkPath(pair.client.address, pair.server.address)),
            key,
            List.of(alpn.getBytes(StandardCharsets.US_ASCII)),
            pair.network.nowNanos);
    pair.network.runUntil(() -> pair.client.closed.containsKey(connection), 60 * SECOND);
    return pair.client.closed.get(connection);
  }

  @Test
  void java10TheErrorsOfTheHandshakeHaveTheCodesThatIrohKnows() {
    Pair pair = new Pair(1, SLOW);
    assertThat(refusal(pair, pair.server.publicKey(), "other"))
        .matches(c -> c instanceof TerminationCause.TransportErrorByPeer e && e.code() == 0x178);
    assertThat(refusal(pair, pair.client.publicKey(), "test"))
        .matches(c ->
            c instanceof TerminationCause.TransportErrorHere e
                && e.code() >= 0x100
                && e.code() < 0x200);
    pair.network.run(90 * SECOND);
    pair.assertNothingIsLeft();
  }

  @Test
  void java12AClientMigratesThoughItHasNoFreshIdLeft() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    for (int i = 0; i < 8; i++) {
      var to = address(40 + i, 1000 + i);
      pair.network.move(pair.client, to);
      connection.migrate(new NetworkPath(to, pair.server.address), pair.network.nowNanos);
      pair.client.endpoint.touch(connection);
      pair.network.run(MILLI);
    }
    pair.finish(pair.client.send(connection, 50_000, 7), 50_000, 20);
  }

  @Test
  void java15TheSpinBitIsIgnored() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    byte[] spinning = Forger.packet(connection, EncryptionLevel.ONE_RTT, new byte[] {1}, 0x20);
    pair.network.inject(pair.client.address, pair.server.address, spinning);
    long before = pair.serverSide().stats().droppedPackets();
    pair.network.run(SECOND);
    assertThat(pair.serverSide().stats().droppedPackets()).isEqualTo(before);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void transport8TheChallengeAfterOurOwnRebindingIsAnswered() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    pair.network.rebind(pair.client, address(1, 1001));
    connection.ping();
    pair.client.endpoint.touch(connection);
    pair.network.run(SECOND);
    assertThat(pair.server.migrated).isEqualTo(1);
  }

  @Test
  void transport11NothingOvertakesFinished() {
    Pair pair = new Pair(1, SLOW);
    List<String> order = new ArrayList<>();
    ConnectionObserver watch =
        new ConnectionObserver() {
          @Override
          public void onPacketSent(
              EncryptionLevel level, long number, int size, List<Frame> frames, long nowNanos) {
            order.add(level.name());
          }
        };
    pair.client.endpoint.observeWith(c -> watch);
    pair.server.endpoint.observeWith(c -> watch);
    pair.connect();
    int firstData = order.indexOf("ONE_RTT");
    assertThat(order.subList(0, firstData)).contains("HANDSHAKE");
    assertThat(order.lastIndexOf("INITIAL")).isLessThan(firstData);
  }

  @Test
  void transport12AnErrorOfTlsIsToldAtEveryLevelThePeerMayRead() {
    Pair pair = new Pair(1, SLOW);
    Set<Integer> typesAfterError = new HashSet<>();
    Connection connection =
        pair.client.endpoint.connect(
            List.of(new NetworkPath(pair.client.address, pair.server.address)),
            pair.client.publicKey(),
            List.of(Host.ALPN),
            pair.network.nowNanos);
    pair.network.filter =
        (path, bytes) -> {
          if (path.local().equals(pair.client.address) && !connection.isOpen()) {
            typesAfterError.add((bytes[0] & 0xff) >>> 4);
          }
          return false;
        };
    pair.network.runUntil(() -> !pair.server.closed.isEmpty(), 5 * SECOND);
    assertThat(pair.server.closed.values())
        .allMatch(c -> c instanceof TerminationCause.TransportErrorByPeer e && e.code() >= 0x100)
        .hasSize(1);
    assertThat(typesAfterError).contains(0xc);
  }

  @Test
  void transport15ARefusalIsToldAtOnce() {
    Pair pair = new Pair(1, SLOW);
    pair.network.remove(pair.server);
    Host small = Host.withRoomFor(3, pair.server.address);
    pair.network.add(small);
    for (int i = 0; i < 3; i++) {
      pair.client.connect(small, pair.network.nowNanos);
    }
    pair.network.runUntil(() -> small.established.size() == 3, 60 * SECOND);
    long before = pair.network.nowNanos;
    Connection late = pair.client.connect(small, before);
    pair.network.runUntil(() -> pair.client.closed.containsKey(late), 60 * SECOND);
    assertThat(pair.client.closed.get(late))
        .matches(c -> c instanceof TerminationCause.TransportErrorByPeer e && e.code() == 2);
    assertThat(pair.network.nowNanos - before).isLessThan(100 * MILLI);
  }

  @Test
  void tokensForLaterConnectionsAreIssuedAndIgnored() {
    Pair pair = new Pair(1, SLOW);
    List<Frame> sent = new ArrayList<>();
    pair.server.endpoint.observeWith(c ->
        new ConnectionObserver() {
          @Override
          public void onPacketSent(
              EncryptionLevel level, long n, int size, List<Frame> frames, long nowNanos) {
            sent.addAll(frames);
          }
        });
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    assertThat(sent).hasAtLeastOneElementOfType(Frame.NewToken.class);
    assertThat(connection.isOpen()).isTrue();
  }
}
