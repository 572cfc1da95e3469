package org.veilor.seed.gossip.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipOutput;

/**
 * What iroh-gossip tests with its simulator ({@code proto.rs:144}, {@code tests/sim.rs}), and
 * whether our figures are its figures.
 */
class UpstreamScenariosTest {
  private static final Conditions STATIC = Conditions.upstreamSimulator(50, 50);
  private static final GossipConfig UPSTREAM = GossipConfig.upstream();

  private static GossipConfig config(boolean hardened) {
    return hardened ? GossipConfig.hardened() : UPSTREAM;
  }

  private static GossipConfig ofTwo(boolean hardened) {
    GossipConfig config = config(hardened);
    return config.with(config.membership().withActiveCapacity(2));
  }

  private static Swarm nodes(GossipConfig config, int count) {
    Swarm swarm = new Swarm(0, config, STATIC);
    for (int i = 0; i < count; i++) {
      swarm.add();
    }
    return swarm;
  }

  private static long received(Swarm swarm) {
    return swarm.takeTold().stream()
        .filter(told -> told.event() instanceof GossipOutput.Received)
        .count();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hyparviewSmoke(boolean hardened) {
    Swarm swarm = nodes(ofTwo(hardened), 4);
    swarm.join(0, 1, 2);
    swarm.join(1, 2);
    swarm.join(2);
    swarm.runTrips(3);
    if (!hardened) {
      // Whoever joins a node that is not there yet is lost, unless it tries again.
      assertThat(swarm.neighbors(0)).containsExactlyInAnyOrder(1, 2);
    }
    swarm.runTrips(100);
    for (int node = 0; node < 3; node++) {
      assertThat(swarm.neighbors(node)).hasSize(2).doesNotContain(3, node);
    }
    swarm.takeTold();
    swarm.join(3, 0);
    swarm.runTrips(2);
    assertThat(swarm.neighbors(0)).hasSize(2).contains(3);
    assertThat(swarm.neighbors(3)).contains(0);
    assertThat(swarm.oneSidedLinks()).isZero();
    List<Swarm.Told> down =
        swarm.takeTold().stream()
            .filter(told -> told.event() instanceof GossipOutput.NeighborDown)
            .toList();
    assertThat(down).hasSize(2).anyMatch(told -> told.node() == 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void plumtreeSmoke(boolean hardened) {
    Swarm swarm = nodes(config(hardened), 6);
    swarm.join(0);
    swarm.join(1, 0);
    swarm.join(2, 0);
    swarm.join(3);
    swarm.join(4, 3);
    swarm.join(5, 3);
    swarm.runTrips(4);
    swarm.takeTold();
    swarm.broadcast(1, "hi1");
    swarm.runTrips(4);
    assertThat(received(swarm)).isEqualTo(2);
    assertThat(swarm.oneSidedLinks()).isZero();
    swarm.join(2, 5);
    swarm.runTrips(3);
    swarm.takeTold();
    swarm.broadcast(1, "hi2");
    swarm.runTrips(5);
    // Ours also passes the first one on to the half that was not there when it was said.
    assertThat(received(swarm)).isEqualTo(hardened ? 8 : 5);
    assertThat(swarm.oneSidedLinks()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void quit(boolean hardened) {
    Swarm swarm = nodes(ofTwo(hardened), 4);
    swarm.join(0);
    swarm.join(1, 0);
    swarm.join(2, 1);
    swarm.join(3, 2);
    swarm.runTrips(hardened ? 60 : 2);
    assertThat(named(swarm)).containsExactlyInAnyOrder(0, 1, 2, 3);
    swarm.quit(3);
    swarm.runTrips(4);
    assertThat(swarm.state(3).topics()).isEmpty();
    assertThat(named(swarm)).containsExactlyInAnyOrder(0, 1, 2);
  }

  private static Set<Integer> named(Swarm swarm) {
    Set<Integer> named = new HashSet<>();
    swarm.living().forEach(node -> named.addAll(swarm.neighbors(node)));
    return named;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bigHyparview(boolean hardened) {
    GossipConfig config = config(hardened);
    long interval = TimeUnit.SECONDS.toNanos(5);
    Swarm swarm =
        new Swarm(
                0,
                config.with(config.membership().withShuffleInterval(interval)),
                Conditions.upstreamSimulator(10, 100))
            .bootstrapSingle(100);
    assertThat(swarm.living()).noneMatch(node -> swarm.neighbors(node).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "SINGLE, 30, 15, 0.2, false",
    "MULTI, 30, 18, 1, false",
    "ALL, 5, 30, 3, false",
    "SINGLE, 30, 15, 0.2, true",
    "MULTI, 30, 18, 1, true",
    "ALL, 5, 30, 3, true"
  })
  void bigSenders(Upstream kind, int rounds, double hops, double redundancy, boolean hardened) {
    Round mean = kind.run(0, config(hardened), Conditions.upstreamSimulator(10, 100), 100, rounds);
    assertThat(mean.lastHop()).isLessThan(hops);
    assertThat(mean.redundancy()).isLessThan(redundancy);
    assertThat(mean.missed()).isZero();
  }

  /** Seeds 0 to n-1; the generator is another one, so only the means can be compared. */
  @ParameterizedTest
  @CsvSource({
    "SINGLE, Single-n20-r30, 20, 30, 20",
    "SINGLE, Single-n100-r30, 100, 30, 20",
    "MULTI, Multi-n20-r30, 20, 30, 20",
    "MULTI, Multi-n100-r30, 100, 30, 20",
    "ALL, All-n20-r30, 20, 30, 10",
    "ALL, All-n100-r5, 100, 5, 3"
  })
  void upstreamsFiguresAreReproduced(Upstream kind, String label, int nodes, int rounds, int seeds)
      throws IOException {
    JsonNode reference = reference("upstream_sim", "all.toml-20seeds/" + label);
    Round mean = kind.mean(UPSTREAM, Conditions.upstreamSimulator(10, 50), nodes, rounds, seeds);
    System.out.println(label + ", seeds 0 to " + (seeds - 1) + ": " + mean);
    Percentage tolerance = Percentage.withPercentage(15);
    assertThat(mean.redundancy()).isCloseTo(meanOf(reference, "mean_rmr"), tolerance);
    assertThat(mean.lastHop()).isCloseTo(meanOf(reference, "mean_ldh"), tolerance);
    assertThat(mean.durationMillis()).isCloseTo(meanOf(reference, "mean_duration_ms"), tolerance);
    assertThat(mean.missed()).isZero();
  }

  @Test
  void upstreamsFaultsAreReproducedToo() throws IOException {
    // Connections that stay, all join at once: links of one side only, and somebody deaf.
    double oneSided = 0;
    List<Round> rounds = new ArrayList<>();
    for (int seed = 0; seed < 10; seed++) {
      Swarm swarm = new Swarm(seed, UPSTREAM, Conditions.netLike(10, 50)).bootstrapSingle(100);
      oneSided += swarm.oneSidedLinks() / 10.0;
      rounds.add(swarm.round(swarm.randomNode(), "m"));
    }
    System.out.println("net-like, seeds 0 to 9: " + oneSided + " one-sided links");
    assertThat(oneSided).isBetween(4.0, 6.5);
    assertThat(Round.mean(rounds).missed()).isBetween(0.5, 1.2);
  }

  private static double meanOf(JsonNode scenario, String what) {
    return scenario.get("agg_min_mean_max_over_seeds").get(what).get(1).asDouble();
  }

  private static JsonNode reference(String mode, String label) throws IOException {
    String name = "/vectors/gossip_sim_reference.json";
    try (InputStream in = UpstreamScenariosTest.class.getResourceAsStream(name)) {
      JsonNode all = new ObjectMapper().readTree(Objects.requireNonNull(in));
      for (JsonNode scenario : all.get(mode).get("scenarios")) {
        if (scenario.get("label").asText().equals(label)) {
          return scenario;
        }
      }
    }
    throw new AssertionError("no scenario " + label);
  }
}
