package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.endpoint.Tables;

/** Transfers while the network is bad, changes, or goes away. */
class NetworkConditionsTest {
  private static final Conditions SLOW = Conditions.perfect().withDelayNanos(20 * MILLI);

  @ParameterizedTest
  @CsvSource({
    "0.1, 0, 0, 0",
    "0.25, 0, 0, 0",
    "0, 30, 0, 0",
    "0, 0, 0.5, 0",
    "0, 0, 0, 0.2",
    "0.1, 30, 0.2, 0.1"
  })
  void finishesUnderLossReorderingDuplicationAndCorruption(
      double loss, long jitterMillis, double duplication, double corruption) {
    Conditions bad =
        SLOW.withLoss(loss)
            .withJitterNanos(jitterMillis * MILLI)
            .withDuplication(duplication)
            .withCorruption(corruption);
    for (long seed = 1; seed <= 3; seed++) {
      Pair pair = new Pair(seed, bad);
      Connection connection = pair.connect();
      pair.finish(pair.client.send(connection, 60_000, 7), 60_000, 120);
      pair.closeAndCheckNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void handshakeSurvivesTheLossOfAnyDatagram(int lost) {
    Pair pair = new Pair(lost, SLOW);
    AtomicInteger count = new AtomicInteger();
    pair.network.filter = (path, bytes) -> count.getAndIncrement() == lost;
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 5000, 7), 5000, 20);
    assertThat(pair.network.nowNanos).isLessThan(5 * SECOND);
    pair.closeAndCheckNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void handshakeSurvivesTheLossOfWholeFlights(int lost) {
    Pair pair = new Pair(lost, SLOW);
    AtomicInteger count = new AtomicInteger();
    pair.network.filter = (path, bytes) -> count.getAndIncrement() < lost;
    pair.connect();
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void noticesThatTheRouteStoppedCarryingLargeDatagrams() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 3_000_000, 7);
    pair.network.runUntil(() -> transfer.received > 500_000, 20 * SECOND);
    assertThat(connection.stats().mtuBytes()).isEqualTo(1452);
    pair.network.conditions = SLOW.withMtuBytes(1250);
    long before = pair.network.nowNanos;
    pair.finish(transfer, 3_000_000, 60);
    assertThat(connection.stats().mtuBytes()).isEqualTo(1200);
    assertThat(pair.network.nowNanos - before).isLessThan(20 * SECOND);
    // and that it carries them again
    pair.network.conditions = SLOW;
    pair.network.run(61 * SECOND);
    pair.finish(pair.client.send(connection, 500_000, 8), 500_000, 20);
    assertThat(connection.stats().mtuBytes()).isEqualTo(1452);
  }

  @Test
  void findsTheSizeThatANarrowRouteCarries() {
    Pair pair = new Pair(1, SLOW.withMtuBytes(1330));
    Connection connection = pair.connect();
    pair.finish(pair.client.send(connection, 500_000, 7), 500_000, 20);
    assertThat(connection.stats().mtuBytes()).isBetween(1300, 1330);
  }

  @Test
  void forgetsAConnectionAfterItsIdleTimeout() {
    TransportConfig quiet = TransportConfig.defaults().withKeepAliveNanos(0);
    Pair pair = new Pair(1, SLOW, quiet, quiet, 64);
    Connection connection = pair.connect();
    pair.network.run(29 * SECOND);
    assertThat(connection.isOpen()).isTrue();
    pair.network.run(3 * SECOND);
    assertThat(pair.client.closed.get(connection)).isEqualTo(new TerminationCause.IdleTimeout());
    assertThat(pair.server.closed.values()).containsOnly(new TerminationCause.IdleTimeout());
    pair.assertNothingIsLeft();
  }

  @Test
  void keepAliveHoldsAConnectionForMinutesAndCostsLittle() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    pair.network.run(10 * SECOND);
    long wakeups = pair.client.wakeups + pair.server.wakeups;
    long sent = pair.network.sent;
    pair.network.run(300 * SECOND);
    assertThat(connection.isOpen()).isTrue();
    assertThat(pair.network.sent - sent).isBetween(100L, 500L);
    assertThat(pair.client.wakeups + pair.server.wakeups - wakeups).isLessThan(1500);
  }

  @Test
  void givesUpWhenThePeerVanishes() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    pair.client.send(connection, 1_000_000, 7);
    pair.network.run(100 * MILLI);
    pair.network.pause(pair.server);
    pair.network.run(60 * SECOND);
    assertThat(pair.client.closed.get(connection)).isEqualTo(new TerminationCause.IdleTimeout());
    assertThat(Tables.size(pair.client.endpoint)).isZero();
  }

  @Test
  void survivesAnOutageOfTenSeconds() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.connect();
    Host.Transfer transfer = pair.client.send(connection, 2_000_000, 7);
    pair.network.run(150 * MILLI);
    pair.network.conditions = SLOW.withLoss(1);
    pair.network.run(10 * SECOND);
    pair.network.conditions = SLOW;
    long before = pair.network.nowNanos;
    pair.finish(transfer, 2_000_000, 60);
    assertThat(pair.network.nowNanos - before).isLessThan(8 * SECOND);
  }

  @Test
  void fillsACleanLink() {
    // 100 Mbit/s, 20 ms round trip
    Conditions link = Conditions.perfect().withDelayNanos(10 * MILLI).withRate(12_500_000, 250_000);
    Pair pair = new Pair(1, link);
    Connection connection = pair.connect();
    Host.Sink sink = pair.client.upload(connection, pair.server, 100_000_000);
    pair.network.run(2 * SECOND);
    long before = sink.received;
    pair.network.run(3 * SECOND);
    double share = (sink.received - before) / (3 * 12_500_000.0);
    System.out.println("share of a clean link: " + share + " " + connection.stats());
    assertThat(share).isGreaterThan(0.9);
  }

  @Test
  void keepsUpWithTheoryAtOnePercentLoss() {
    double sum = 0;
    for (long seed = 1; seed <= 4; seed++) {
      Conditions link =
          Conditions.perfect()
              .withDelayNanos(25 * MILLI)
              .withLoss(0.01)
              .withRate(12_500_000, 250_000);
      Pair pair = new Pair(seed, link);
      Connection connection = pair.connect();
      Host.Sink sink = pair.client.upload(connection, pair.server, 100_000_000);
      pair.network.run(20 * SECOND);
      sum += sink.received / 20.0 / 4;
    }
    // RFC 9438 §5.3: Reno's average window is sqrt(3/2p) segments
    double reno = Math.sqrt(1.5 / 0.01) * 1400 / 0.05;
    System.out.println("1 % loss, 50 ms: " + sum / reno + " of Reno's " + reno + " B/s");
    assertThat(sum / reno).isGreaterThan(0.85);
  }

  @Test
  void twoConnectionsShareALink() {
    Conditions link = Conditions.perfect().withDelayNanos(10 * MILLI).withRate(1_500_000, 60_000);
    Pair pair = new Pair(1, link);
    Connection first = pair.connect();
    Host.Sink one = pair.client.upload(first, pair.server, 200_000_000);
    pair.network.run(3 * SECOND);
    Connection second = pair.connect();
    Host.Sink two = pair.client.upload(second, pair.server, 200_000_000);
    pair.network.run(10 * SECOND);
    long a = one.received;
    long b = two.received;
    pair.network.run(20 * SECOND);
    double ratio = (one.received - a) / (double) (two.received - b);
    System.out.println("fairness: " + ratio);
    assertThat(ratio).isBetween(0.4, 2.5);
  }
}
