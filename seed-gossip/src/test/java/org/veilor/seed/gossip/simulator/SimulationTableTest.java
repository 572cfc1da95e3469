package org.veilor.seed.gossip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.simulator.Failures.SECOND;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.veilor.seed.gossip.simulator.Failures.Outcome;
import org.veilor.seed.gossip.topic.GossipConfig;

/**
 * Writes the tables of docs/benchmarks.md to {@code target/gossip-simulation.md}: with {@code
 * -Dveilor.simulation=full} at their full size (minutes), else small; {@code
 * -Dveilor.simulation.seeds} are as many.
 */
class SimulationTableTest {
  private static final boolean FULL = "full".equals(System.getProperty("veilor.simulation"));
  private static final int SEEDS = Integer.getInteger("veilor.simulation.seeds", FULL ? 20 : 1);
  private static final int NODES = FULL ? 100 : 20;
  private static final Conditions IDEAL = Conditions.upstreamSimulator(10, 50);
  private static final Conditions NET = Conditions.netLike(10, 50);
  private static final Conditions REAL = Conditions.real(10, 50);
  private static final GossipConfig UPSTREAM = GossipConfig.upstream();
  private static final GossipConfig OURS = GossipConfig.hardened();

  private final StringBuilder table = new StringBuilder();
  private double missedByOurs;

  @Test
  void tables() throws IOException {
    line("| scenario | rules | RMR | last hop | ms | missed |");
    line("|---|---|---|---|---|---|");
    for (Upstream kind : Upstream.values()) {
      rounds(kind, 20, 30, SEEDS);
      if (FULL) {
        rounds(kind, NODES, kind == Upstream.ALL ? 5 : 30, SEEDS);
      }
      if (FULL && kind != Upstream.ALL) {
        rounds(kind, 1000, 30, SEEDS);
        rounds(kind, 10_000, 10, 1);
      }
    }
    line("");
    line("| what goes wrong | rules | recovered | seconds, median (longest) | missed after that |");
    line("|---|---|---|---|---|");
    failure(
        "first node loses all neighbours", NET, swarm -> Failures.firstNodeLosesAll(swarm, 300));
    failure("the same, noticed after 30 s", REAL, swarm -> Failures.firstNodeLosesAll(swarm, 300));
    failure("bootstrap node dies", REAL, swarm -> Failures.bootstrapNodeDies(swarm, 300));
    failure("a third vanishes", NET, swarm -> Failures.vanish(swarm, 1 / 3.0, 300));
    failure("the same, noticed after 30 s", REAL, swarm -> Failures.vanish(swarm, 1 / 3.0, 300));
    failure("70 % vanish, noticed after 30 s", REAL, swarm -> Failures.vanish(swarm, 0.7, 300));
    failure("10 minutes of two halves", REAL, swarm -> Failures.partition(swarm, 600, 900));
    line("");
    line("| one a second speaks, while | rules | RMR | last hop | ms | missed |");
    line("|---|---|---|---|---|---|");
    trouble("nothing happens", REAL, SimulationTableTest::nothing, SimulationTableTest::nothing);
    trouble(
        "one in ten is 1 s late",
        REAL,
        swarm -> tenth(swarm, n -> swarm.slowDown(n, SECOND)),
        SimulationTableTest::nothing);
    trouble(
        "one in ten is malicious",
        REAL,
        swarm -> tenth(swarm, n -> swarm.corrupt(n, Failures.malice(n))),
        SimulationTableTest::nothing);
    trouble(
        "1 % of the messages vanish",
        REAL.withLoss(0.01), SimulationTableTest::nothing, SimulationTableTest::nothing);
    trouble(
        "one node is replaced every second",
        REAL,
        SimulationTableTest::nothing,
        SimulationTableTest::replace);
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target", "gossip-simulation.md"), table);
    assertThat(missedByOurs).as("missed without failures").isZero();
  }

  private void line(String text) {
    table.append(text).append('\n');
  }

  private void rounds(Upstream kind, int nodes, int rounds, int seeds) {
    row(
        kind,
        nodes,
        "iroh-gossip, its simulator",
        seeds,
        rounds,
        seed -> fresh(seed, UPSTREAM, IDEAL, nodes));
    row(
        kind,
        nodes,
        "iroh-gossip, connections stay",
        seeds,
        rounds,
        seed -> fresh(seed, UPSTREAM, NET, nodes));
    Round ours =
        row(kind, nodes, "ours, connections stay", seeds, rounds, seed -> settled(seed, nodes));
    missedByOurs += ours.missed();
  }

  private static Swarm fresh(long seed, GossipConfig config, Conditions conditions, int nodes) {
    return new Swarm(seed, config, conditions).bootstrapSingle(nodes);
  }

  private static Swarm settled(long seed, int nodes) {
    Swarm swarm = fresh(seed, OURS, NET, nodes);
    swarm.run(10 * SECOND);
    return swarm;
  }

  private Round row(
      Upstream kind, int nodes, String rules, int seeds, int rounds, Function<Long, Swarm> swarms) {
    List<Round> results = new ArrayList<>();
    for (long seed = 0; seed < seeds; seed++) {
      results.add(kind.run(swarms.apply(seed), rounds));
    }
    Round mean = Round.mean(results);
    String name = kind + ", " + nodes + " nodes, " + rounds + " rounds, " + seeds + " seeds";
    line(String.format(Locale.ROOT, "| %s | %s | %s |", name, rules, cells(mean)));
    System.out.println(name + " " + rules + " " + mean);
    return mean;
  }

  private static String cells(Round mean) {
    return String.format(
        Locale.ROOT,
        "%.3f | %.2f | %.0f | %.2f",
        mean.redundancy(),
        mean.lastHop(),
        mean.durationMillis(),
        mean.missed());
  }

  private void failure(String name, Conditions conditions, Function<Swarm, Outcome> failure) {
    for (GossipConfig config : List.of(UPSTREAM, OURS)) {
      List<Double> seconds = new ArrayList<>();
      double missed = 0;
      for (int seed = 0; seed < SEEDS; seed++) {
        Outcome outcome = failure.apply(Failures.settled(seed, config, conditions, NODES));
        if (outcome.recoverySeconds() >= 0) {
          seconds.add(outcome.recoverySeconds());
        }
        missed += outcome.missed() / SEEDS;
      }
      seconds.sort(null);
      line(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d of %d | %s | %.2f |",
              name,
              rules(config),
              seconds.size(),
              SEEDS,
              seconds.isEmpty()
                  ? "–"
                  : seconds.get(seconds.size() / 2) + " (" + seconds.getLast() + ")",
              missed));
    }
  }

  private static String rules(GossipConfig config) {
    return config.hardening() ? "ours" : "iroh-gossip";
  }

  private void trouble(
      String name, Conditions conditions, Consumer<Swarm> before, Consumer<Swarm> each) {
    for (GossipConfig config : List.of(UPSTREAM, OURS)) {
      List<Round> rounds = new ArrayList<>();
      for (int seed = 0; seed < SEEDS; seed++) {
        Swarm swarm = Failures.settled(seed, config, conditions, NODES);
        before.accept(swarm);
        for (int i = 0; i < 20; i++) {
          each.accept(swarm);
          swarm.run(SECOND);
          int from = swarm.randomNode();
          rounds.add(swarm.round(from % 10 == 1 ? swarm.living().getFirst() : from, "r" + i));
        }
      }
      line(
          String.format(
              Locale.ROOT, "| %s | %s | %s |", name, rules(config), cells(Round.mean(rounds))));
    }
  }

  /** Only makes sure that there is a swarm. */
  private static void nothing(Swarm swarm) {
    assertThat(swarm.living()).isNotEmpty();
  }

  private static void tenth(Swarm swarm, Consumer<Integer> change) {
    swarm.living().stream().filter(node -> node % 10 == 1).forEach(change);
  }

  private static void replace(Swarm swarm) {
    swarm.kill(swarm.randomNode());
    swarm.join(swarm.add(), swarm.randomNode(), swarm.randomNode());
  }
}
