package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;
import static org.veilor.seed.quic.simulation.TransferTest.address;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;

/**
 * Tokens of NEW_TOKEN (RFC 9000 §8.1.3): they spare the next connection a Retry, and a bad one
 * never costs more than that.
 */
class TokensTest {
  private static final Conditions SLOW = Conditions.perfect().withDelayNanos(20 * MILLI);
  private static final long HOUR = 3600 * SECOND;

  /** The server asks every newcomer for a proof of its address. */
  private static Pair demanding() {
    return new Pair(1, SLOW, TransportConfig.defaults(), TransportConfig.defaults(), 0);
  }

  /** The next connection; before it ends, the token of the server has come. */
  private static Connection connect(Pair pair) {
    Connection connection = pair.connect();
    pair.network.run(SECOND);
    return connection;
  }

  private static long retries(Pair pair) {
    return pair.server.endpoint.stats().retries();
  }

  @Test
  void theSecondConnectionGoesWithoutRetry() {
    Pair pair = demanding();
    connect(pair);
    assertThat(retries(pair)).isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      long before = pair.network.nowNanos;
      Connection next = pair.connect();
      assertThat(pair.network.nowNanos - before).as("a Retry costs 40 ms").isLessThan(70 * MILLI);
      pair.finish(pair.client.send(next, 20_000, 7), 20_000, 10);
      pair.network.run(SECOND);
    }
    assertThat(retries(pair)).isEqualTo(1);
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void aTokenIsPresentedOnce() {
    Pair pair = demanding();
    connect(pair);
    Connection first = pair.client.connect(pair.server, pair.network.nowNanos);
    Connection second = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.run(SECOND);
    assertThat(pair.client.established).contains(first, second);
    assertThat(retries(pair)).as("one token, two dials").isEqualTo(2);
  }

  @Test
  void aTokenIsKeptForTheServerThatGaveIt() {
    Pair pair = demanding();
    connect(pair);
    List<CipherSuite> suites = List.of(CipherSuite.TLS_AES_128_GCM_SHA256);
    Host other = new Host(address(3, 3000), 3, 9, true, TransportConfig.defaults(), suites, 0);
    pair.network.add(other);
    Connection connection = pair.client.connect(other, pair.network.nowNanos);
    pair.network.run(SECOND);
    assertThat(pair.client.established).contains(connection);
    assertThat(other.endpoint.stats().retries()).isEqualTo(1);
    connect(pair);
    assertThat(retries(pair)).as("the token is still there").isEqualTo(1);
  }

  @Test
  void aTokenOfAnotherAddressIsIgnored() {
    Pair pair = demanding();
    connect(pair);
    pair.network.move(pair.client, address(77, 1000));
    Connection connection = connect(pair);
    assertThat(retries(pair)).isEqualTo(2);
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 10);
  }

  @Test
  void anExpiredTokenIsIgnored() {
    Pair pair = demanding();
    connect(pair);
    pair.client.endpoint.closeAll(0, "", pair.network.nowNanos);
    pair.network.run(25 * HOUR);
    Connection connection = connect(pair);
    assertThat(retries(pair)).isEqualTo(2);
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 10);
  }

  @Test
  void aTokenOfAFormerLifeOfTheServerIsIgnored() {
    Pair pair = demanding();
    connect(pair);
    pair.network.remove(pair.server);
    List<CipherSuite> suites = List.of(CipherSuite.TLS_AES_128_GCM_SHA256);
    Host reborn = new Host(pair.server.address, 2, 99, true, TransportConfig.defaults(), suites, 0);
    pair.network.add(reborn);
    Connection connection = pair.client.connect(reborn, pair.network.nowNanos);
    pair.network.run(SECOND);
    assertThat(pair.client.established).contains(connection);
    assertThat(reborn.endpoint.stats().retries()).isEqualTo(1);
  }

  @Test
  void aTokenThatIsTooLongOrMeansNothingIsNoHarm() {
    Pair pair = demanding();
    Connection first = connect(pair);
    connect(pair); // uses up the good token of the first
    for (byte[] token : List.of(new byte[513], new byte[1000], new byte[512])) {
      pair.serverSide().sendNewToken(token);
      pair.server.endpoint.touch(pair.serverSide());
      pair.network.run(SECOND);
    }
    long before = retries(pair);
    Connection connection = connect(pair);
    assertThat(retries(pair))
        .as("512 zeros are presented, and nothing worth")
        .isEqualTo(before + 1);
    assertThat(first.isOpen()).isTrue();
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 10);
  }

  @Test
  void tokensWorkOverALossyNetwork() {
    for (long seed = 1; seed <= 10; seed++) {
      Conditions bad = SLOW.withLoss(0.2).withJitterNanos(30 * MILLI).withDuplication(0.3);
      Pair pair = new Pair(seed, bad, TransportConfig.defaults(), TransportConfig.defaults(), 0);
      pair.connect();
      pair.network.run(10 * SECOND);
      long before = retries(pair);
      Connection connection = pair.connect();
      assertThat(retries(pair)).as("seed " + seed).isEqualTo(before);
      pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 60);
    }
  }
}
