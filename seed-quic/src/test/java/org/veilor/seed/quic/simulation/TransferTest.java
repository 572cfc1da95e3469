package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TerminationCause;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;

/** Whole transfers between two endpoints, over networks of all qualities. */
class TransferTest {
  private static final long SECOND = 1_000_000_000L;

  static InetSocketAddress address(int last, int port) {
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last}), port);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static Host client() {
    return new Host(address(1, 1000), 1, false, TransportConfig.defaults());
  }

  static Host server() {
    return new Host(address(2, 2000), 2, true, TransportConfig.defaults());
  }

  private static void echo(Conditions conditions, long seed, long bytes, long seconds) {
    Simulation network = new Simulation(seed, conditions);
    Host client = client();
    Host server = server();
    network.add(client);
    network.add(server);
    Connection connection = client.connect(server, network.nowNanos);
    assertThat(network.runUntil(() -> !client.established.isEmpty(), 20 * SECOND))
        .as("established, seed " + seed)
        .isTrue();
    Host.Transfer transfer = client.send(connection, bytes, 7);
    assertThat(network.runUntil(() -> transfer.ended, seconds * SECOND))
        .as(
            "transfer ended, seed "
                + seed
                + ", received "
                + transfer.received
                + " "
                + connection.stats())
        .isTrue();
    assertThat(transfer.received).isEqualTo(bytes);
    assertThat(transfer.intact).isTrue();
    System.out.println(
        "seed "
            + seed
            + ": "
            + (network.nowNanos - SECOND) / 1_000_000
            + " ms, "
            + connection.stats());
  }

  private static Host.Transfer established(
      Simulation network, Host client, Connection connection, long bytes) {
    assertThat(network.runUntil(() -> !client.established.isEmpty(), 20 * SECOND)).isTrue();
    return client.send(connection, bytes, 7);
  }

  @Test
  void echoesOverAPerfectNetwork() {
    echo(Conditions.perfect(), 1, 1 << 20, 20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void survivesLossReorderingDuplicationAndCorruption(long seed) {
    Conditions bad =
        Conditions.perfect()
            .withDelayNanos(20_000_000)
            .withJitterNanos(10_000_000)
            .withLoss(0.05)
            .withDuplication(0.05)
            .withCorruption(0.02);
    echo(bad, seed, 300_000, 120);
  }

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void speaksEverySuite(CipherSuite suite) {
    Simulation network = new Simulation(1, Conditions.perfect());
    Host client =
        new Host(address(1, 1000), 1, false, TransportConfig.defaults(), List.of(suite), 64);
    Host server =
        new Host(
            address(2, 2000),
            2,
            true,
            TransportConfig.defaults(),
            List.of(CipherSuite.values()),
            64);
    network.add(client);
    network.add(server);
    Connection connection = client.connect(server, network.nowNanos);
    Host.Transfer transfer = established(network, client, connection, 100_000);
    assertThat(network.runUntil(() -> transfer.ended, 10 * SECOND)).isTrue();
    assertThat(transfer.intact).isTrue();
  }

  @Test
  void closeReachesThePeer() {
    Simulation network = new Simulation(1, Conditions.perfect());
    Host client = client();
    Host server = server();
    network.add(client);
    network.add(server);
    Connection connection = client.connect(server, network.nowNanos);
    assertThat(network.runUntil(() -> !server.established.isEmpty(), 5 * SECOND)).isTrue();
    connection.close(42, "bye", network.nowNanos);
    client.endpoint.touch(connection);
    assertThat(network.runUntil(() -> !server.closed.isEmpty(), 5 * SECOND)).isTrue();
    assertThat(server.closed.values())
        .containsExactly(new TerminationCause.ClosedByPeer(42, "bye"));
    network.run(10 * SECOND);
    assertThat(client.endpoint.stats().connections()).isZero();
    assertThat(server.endpoint.stats().connections()).isZero();
  }
}
