package org.veilor.seed.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.simulation.Pair.MILLI;
import static org.veilor.seed.quic.simulation.Pair.SECOND;
import static org.veilor.seed.quic.simulation.TransferTest.address;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TerminationCause;

/**
 * A NAT that changes its mapping during the handshake. RFC 9000 §9 lets nobody migrate before the
 * handshake is confirmed, and a server drops what comes from elsewhere until then, as iroh's does
 * (noq-proto, {@code early_discard_packet}). So the attempt waits until the mapping is back, and a
 * new attempt is a new connection.
 */
class RebindingHandshakeTest {
  private static final Conditions SLOW = Conditions.perfect().withDelayNanos(20 * MILLI);
  private static final InetSocketAddress ELSEWHERE = address(9, 4000);

  /** The longest pause between two probes of the client (RFC 9002 §6.2.4, our own limit). */
  private static final long LONGEST_PAUSE = 2 * SECOND;

  private static boolean isEstablished(Pair pair, Connection connection) {
    return pair.client.established.contains(connection) && !pair.server.established.isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 50", "10, 500", "10, 3000", "10, 10000", // before the server has heard anything
    "30, 50", "30, 500", "30, 3000", "30, 10000", // the server's answer is lost
    "50, 50", "50, 500", "50, 3000", "50, 10000" // what completes the handshake is lost
  })
  void theHandshakeGoesOnWhenTheMappingIsBack(long afterMillis, long outageMillis) {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.run(afterMillis * MILLI);
    pair.network.rebind(pair.client, ELSEWHERE);
    pair.network.run(outageMillis * MILLI);
    pair.network.rebind(pair.client, pair.client.address);
    assertThat(
            pair.network.runUntil(
                () -> isEstablished(pair, connection), LONGEST_PAUSE + 200 * MILLI))
        .as("established soon after the mapping is back; " + pair.client.closed)
        .isTrue();
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 10);
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void aMappingThatFlipsBackAndForthOnlyDelaysTheHandshake() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    for (int i = 0; i < 20 && !isEstablished(pair, connection); i++) {
      pair.network.run((i % 2 == 0 ? 30 : 400) * MILLI);
      pair.network.rebind(pair.client, i % 2 == 0 ? ELSEWHERE : pair.client.address);
    }
    assertThat(pair.network.runUntil(() -> isEstablished(pair, connection), 10 * SECOND)).isTrue();
    pair.finish(pair.client.send(connection, 20_000, 7), 20_000, 30);
  }

  @Test
  void aMappingThatStaysAwayCostsTheAttemptButNotTheNext() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.run(30 * MILLI);
    pair.network.rebind(pair.client, ELSEWHERE);
    pair.network.run(SECOND);
    assertThat(pair.client.established).isEmpty();
    Connection next = pair.client.connect(pair.server, pair.network.nowNanos);
    assertThat(pair.network.runUntil(() -> isEstablished(pair, next), 100 * MILLI)).isTrue();
    pair.finish(pair.client.send(next, 20_000, 7), 20_000, 10);
    pair.network.run(31 * SECOND);
    assertThat(pair.client.closed.get(connection)).isEqualTo(new TerminationCause.IdleTimeout());
    assertThat(pair.server.endpoint.stats().connections()).as("half-open ones are gone").isOne();
    pair.closeAndCheckNothingIsLeft();
  }

  @Test
  void aMoveRightAfterTheHandshakeIsFollowed() {
    Pair pair = new Pair(1, SLOW);
    Connection connection = pair.client.connect(pair.server, pair.network.nowNanos);
    pair.network.runUntil(() -> !pair.server.established.isEmpty(), SECOND);
    pair.network.rebind(pair.client, ELSEWHERE);
    Host.Transfer transfer = pair.client.send(connection, 20_000, 7);
    pair.finish(transfer, 20_000, 10);
    assertThat(pair.serverSide().remoteAddress()).isEqualTo(ELSEWHERE);
  }
}
