package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.node.daemon.PeerLinkReport;

class PeersCommandTest {
  @TempDir Path temp;

  private static EndpointId peer(int number) {
    byte[] seed = new byte[SecretKey.LENGTH];
    seed[0] = (byte) number;
    return SecretKey.of(seed).id();
  }

  private static PeerLinkReport link(int peer, String protocol, long bytes) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 4471);
    return new PeerLinkReport(
        peer(peer), address, protocol, true, bytes, 2 * bytes, 1_500_000L * peer);
  }

  @Test
  void connectedPeersAreListedBusiestFirst() throws Exception {
    try (DaemonRun run = DaemonRun.start(temp.resolve("state"))) {
      assertThat(run.command("peers").out()).isEmpty();
      Objects.requireNonNull(run.endpoint.get()).links =
          List.of(
              link(1, "/iroh-bytes/4", 1000),
              link(2, "/iroh-bytes/4", 2000),
              link(1, "/iroh-gossip/1", 9000));
      assertThat(run.command("peers").out().lines())
          .containsExactly(
              peer(1)
                  + "  192.0.2.7:4471  1.5 ms  sent 10.0 kB, received 20.0 kB"
                  + "  /iroh-bytes/4 /iroh-gossip/1",
              peer(2) + "  192.0.2.7:4471  3.0 ms  sent 2.00 kB, received 4.00 kB  /iroh-bytes/4");
      JsonNode list = new ObjectMapper().readTree(run.command("peers", "--json").out());
      assertThat(list).hasSize(2);
      assertThat(list.path(0).path("peer").asText()).isEqualTo(peer(1).toString());
      assertThat(list.path(0).path("connections")).hasSize(2);
      assertThat(list.path(1).path("connections").path(0).path("round_trip_ms").asDouble())
          .isEqualTo(3.0);
    }
  }
}
