package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.Tables;

/** A client and an echoing server in one simulated network: what nearly every test begins with. */
final class Pair {
  static final long SECOND = 1_000_000_000L;
  static final long MILLI = 1_000_000L;

  final Simulation network;
  final Host client;
  final Host server;

  Pair(long seed, Conditions conditions) {
    this(seed, conditions, TransportConfig.defaults(), TransportConfig.defaults(), 64);
  }

  Pair(
      long seed,
      Conditions conditions,
      TransportConfig ofClient,
      TransportConfig ofServer,
      int retryAbove) {
    List<CipherSuite> suites = List.of(CipherSuite.TLS_AES_128_GCM_SHA256);
    int life = (int) seed;
    network = new Simulation(seed, conditions);
    client =
        new Host(TransferTest.address(1, 1000), 1, 2 * life, false, ofClient, suites, retryAbove);
    server =
        new Host(
            TransferTest.address(2, 2000), 2, 2 * life + 1, true, ofServer, suites, retryAbove);
    network.add(client);
    network.add(server);
  }

  Connection connect() {
    Connection connection = client.connect(server, network.nowNanos);
    int before = server.established.size();
    assertThat(
            network.runUntil(
                () -> client.established.contains(connection) && server.established.size() > before,
                30 * SECOND))
        .as("established: " + client.closed)
        .isTrue();
    return connection;
  }

  Connection serverSide() {
    return server.established.getLast();
  }

  void finish(Host.Transfer transfer, long bytes, long seconds) {
    boolean ended = network.runUntil(() -> transfer.ended, seconds * SECOND);
    assertThat(ended)
        .as("ended; received " + transfer.received + ", " + client.closed + server.closed)
        .isTrue();
    assertThat(transfer.received).isEqualTo(bytes);
    assertThat(transfer.intact).isTrue();
  }

  /** Closes, waits, and sees that nothing is left of anything. */
  void closeAndCheckNothingIsLeft() {
    client.endpoint.closeAll(0, "", network.nowNanos);
    network.run(90 * SECOND);
    assertNothingIsLeft();
  }

  void assertNothingIsLeft() {
    assertThat(Tables.size(client.endpoint)).as("client's tables").isZero();
    assertThat(Tables.size(server.endpoint)).as("server's tables").isZero();
  }
}
