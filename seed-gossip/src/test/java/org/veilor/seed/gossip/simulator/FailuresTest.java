package org.veilor.seed.gossip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.simulator.Failures.SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.gossip.simulator.Failures.Outcome;
import org.veilor.seed.gossip.topic.GossipConfig;

/** What a swarm of ours survives, with bounds. Connections are as on a real network. */
class FailuresTest {
  private static final int NODES = 60;
  private static final int SEEDS = 8;
  private static final GossipConfig OURS = GossipConfig.hardened();
  private static final GossipConfig UPSTREAM = GossipConfig.upstream();

  /** The loss of a node is noticed at once. */
  private static final Conditions NOTICED = Conditions.netLike(10, 50);

  /** It is noticed after half a minute. */
  private static final Conditions REAL = Conditions.real(10, 50);

  private static List<Outcome> all(
      String name, GossipConfig config, Conditions conditions, Function<Swarm, Outcome> failure) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      outcomes.add(failure.apply(Failures.settled(seed, config, conditions, NODES)));
    }
    System.out.println(name + ", seeds 0 to " + (SEEDS - 1) + ": " + outcomes);
    return outcomes;
  }

  private static void assertRecovered(List<Outcome> outcomes, double atMostSeconds) {
    assertThat(outcomes)
        .allSatisfy(outcome -> {
          assertThat(outcome.recoverySeconds()).isBetween(0.0, atMostSeconds);
          assertThat(outcome.missed()).isZero();
        });
  }

  @Test
  void nobodyIsLeftOutWhenAllJoinAtOnce() {
    List<Round> first = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Swarm swarm = new Swarm(seed, OURS, NOTICED).bootstrapSingle(100);
      first.add(swarm.round(swarm.randomNode(), "first"));
      swarm.run(5 * SECOND);
      assertThat(swarm.oneSidedLinks()).as("seed %d", seed).isZero();
      assertThat(swarm.lonely()).as("seed %d", seed).isEmpty();
      assertThat(swarm.living()).allMatch(node -> swarm.neighbors(node).size() >= 2);
      assertThat(swarm.round(swarm.randomNode(), "second").missed()).isZero();
    }
    // One second after the herd; of upstream's nodes, 0.8 miss each message for good.
    assertThat(Round.mean(first).missed()).isLessThan(0.2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void redundancyAndHopsAreThoseOfUpstream(boolean many) {
    Upstream kind = many ? Upstream.MULTI : Upstream.SINGLE;
    Conditions ideal = Conditions.upstreamSimulator(10, 50);
    List<Round> ours = new ArrayList<>();
    List<Round> theirs = new ArrayList<>();
    for (int seed = 0; seed < 12; seed++) {
      ours.add(kind.run(settle(seed, OURS, NOTICED), 30));
      theirs.add(kind.run(settle(seed, UPSTREAM, ideal), 30));
    }
    Round our = Round.mean(ours);
    Round their = Round.mean(theirs);
    System.out.println(kind + ", seeds 0 to 11: ours " + our + ", upstream's " + their);
    assertThat(our.missed()).isZero();
    assertThat(our.redundancy()).isLessThanOrEqualTo(their.redundancy());
    assertThat(our.lastHop()).isLessThanOrEqualTo(their.lastHop());
    assertThat(our.durationMillis()).isLessThan(1.35 * their.durationMillis());
  }

  /** More than 256 once made the contact take answers for requests, and answer each of them. */
  @Test
  void whenManyJoinOneNodeTheySayHardlyMoreThanUpstreams() {
    int many = 300;
    long ours = 0;
    long theirs = 0;
    for (int seed = 0; seed < 2; seed++) {
      ours += new Swarm(seed, OURS, NOTICED).bootstrapSingle(many).messages();
      theirs += new Swarm(seed, UPSTREAM, NOTICED).bootstrapSingle(many).messages();
    }
    System.out.println(many + " join at once: ours " + ours + ", upstream's " + theirs);
    assertThat(ours).isLessThan(Math.round(1.2 * theirs));
  }

  private static Swarm settle(long seed, GossipConfig config, Conditions conditions) {
    Swarm swarm = new Swarm(seed, config, conditions).bootstrapSingle(100);
    swarm.run(10 * SECOND);
    return swarm;
  }

  @Test
  void theFirstNodeIsHeardAgainAfterItLostAllNeighbours() {
    Function<Swarm, Outcome> failure = swarm -> Failures.firstNodeLosesAll(swarm, 60);
    assertRecovered(all("first node loses all", OURS, NOTICED, failure), 10);
    assertRecovered(all("the same, noticed late", OURS, REAL, failure), 40);
    List<Outcome> upstream = all("upstream", UPSTREAM, NOTICED, failure);
    assertThat(upstream.stream().filter(outcome -> outcome.recoverySeconds() < 0).count())
        .as("what this is about")
        .isGreaterThanOrEqualTo(SEEDS / 2);
  }

  @Test
  void theDeathOfTheBootstrapNodeIsSurvived() {
    Function<Swarm, Outcome> failure = swarm -> Failures.bootstrapNodeDies(swarm, 60);
    assertRecovered(all("bootstrap node dies", OURS, NOTICED, failure), 10);
    assertRecovered(all("the same, noticed late", OURS, REAL, failure), 40);
  }

  @Test
  void aThirdMayVanishAtOnce() {
    Function<Swarm, Outcome> failure = swarm -> Failures.vanish(swarm, 1 / 3.0, 60);
    assertRecovered(all("a third vanishes", OURS, NOTICED, failure), 10);
    assertRecovered(all("the same, noticed late", OURS, REAL, failure), 45);
  }

  @Test
  void sevenInTenMayVanishAtOnce() {
    Function<Swarm, Outcome> failure = swarm -> Failures.vanish(swarm, 0.7, 120);
    assertRecovered(all("70 % vanish", OURS, NOTICED, failure), 30);
    assertRecovered(all("the same, noticed late", OURS, REAL, failure), 90);
  }

  @Test
  void aPartitionOfTenMinutesHeals() {
    Function<Swarm, Outcome> failure = swarm -> Failures.partition(swarm, 600, 900);
    assertRecovered(all("partition", OURS, REAL, failure), 720);
  }

  /** Regression: a node that knew only its neighbours was lost with them (seed 4, a third gone). */
  @Test
  void aNewcomerSoonKnowsMoreThanItsNeighbours() {
    Swarm swarm = Failures.settled(4, OURS, NOTICED, NODES);
    assertThat(swarm.living())
        .allMatch(node -> swarm.state(node).passivePeers(Swarm.TOPIC).size() >= 5);
    assertRecovered(List.of(Failures.vanish(swarm, 1 / 3.0, 60)), 10);
  }

  private static Round rounds(Swarm swarm, int count, IntPredicate speaker) {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = swarm.randomNode();
      while (!speaker.test(from)) {
        from = swarm.randomNode();
      }
      rounds.add(swarm.round(from, "r" + i));
      swarm.run(SECOND);
    }
    return Round.mean(rounds);
  }

  @Test
  void oneInTenMayBeSlow() {
    for (int seed = 0; seed < 3; seed++) {
      Swarm swarm = Failures.settled(seed, OURS, REAL, NODES);
      for (int node = 1; node < NODES; node += 10) {
        swarm.slowDown(node, SECOND);
      }
      Round mean = rounds(swarm, 10, node -> node % 10 != 1);
      System.out.println("one in ten slow, seed " + seed + ": " + mean);
      assertThat(mean.missed()).isZero();
      assertThat(mean.redundancy()).isLessThan(1.5);
    }
  }

  @Test
  void oneInTenMayBeMalicious() {
    for (int seed = 0; seed < 3; seed++) {
      Swarm swarm = Failures.settled(seed, OURS, REAL, NODES);
      for (int node = 1; node < NODES; node += 10) {
        swarm.corrupt(node, Failures.malice(100 * seed + node));
      }
      swarm.run(20 * SECOND);
      Round mean = rounds(swarm, 10, node -> node % 10 != 1);
      System.out.println("one in ten malicious, seed " + seed + ": " + mean);
      assertThat(mean.missed()).isLessThan(0.5);
      for (int node : swarm.living()) {
        assertThat(swarm.state(node).report(Swarm.TOPIC, swarm.nowNanos()).orElseThrow().missing())
            .isLessThanOrEqualTo(5_000);
      }
    }
  }

  @Test
  void messagesMayVanishAndNodesComeAndGo() {
    Swarm lossy = Failures.settled(1, OURS, REAL.withLoss(0.01), NODES);
    Round withLoss = rounds(lossy, 20, node -> true);
    System.out.println("1 % loss, seed 1: " + withLoss);
    assertThat(withLoss.missed()).isZero();
    Swarm swarm = Failures.settled(2, OURS, REAL, NODES);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      swarm.kill(swarm.randomNode());
      swarm.join(swarm.add(), swarm.randomNode(), swarm.randomNode());
      swarm.run(2 * SECOND);
      rounds.add(swarm.round(swarm.randomNode(), "churn" + i));
    }
    System.out.println("one replaced every 2 s, seed 2: " + Round.mean(rounds));
    assertThat(Round.mean(rounds).missed()).isLessThan(0.2);
  }

  /** A contact comes back under its key and joins a neighbour that still has it marked. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aContactThatRestartsIsHeardAgain(boolean amongUpstreamNodes) {
    GossipConfig others = amongUpstreamNodes ? UPSTREAM : OURS;
    for (int seed = 0; seed < SEEDS; seed++) {
      Swarm swarm = new Swarm(seed, others, REAL).bootstrapStaggered(8, SECOND / 5);
      int neighbor = swarm.neighbors(0).iterator().next();
      swarm.kill(0);
      swarm.run(SECOND / 3);
      swarm.restart(0, OURS);
      swarm.join(0, neighbor);
      long took =
          swarm.runUntil(() -> swarm.neighbors(0).contains(neighbor), SECOND / 10, 10 * SECOND);
      assertThat(took).as("seed %d", seed).isBetween(0L, 5 * SECOND);
      assertThat(swarm.round(0, "back").missed()).as("seed %d", seed).isLessThanOrEqualTo(3);
      // Until the others notice the death of the former self, it may be their only way.
      swarm.run(35 * SECOND);
      assertThat(swarm.round(0, "well").missed()).as("seed %d", seed).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10})
  void mixedSwarmsDeliverEverythingWithoutStorms(int ourShare) {
    for (int seed = 0; seed < 4; seed++) {
      Swarm swarm = new Swarm(seed, OURS, NOTICED);
      swarm.join(swarm.add(OURS));
      for (int i = 1; i < NODES; i++) {
        swarm.run(SECOND / 5);
        swarm.join(swarm.add(i % ourShare == 0 ? OURS : UPSTREAM), 0);
      }
      swarm.run(10 * SECOND);
      long before = swarm.messages();
      Round mean = rounds(swarm, 10, node -> true);
      assertThat(mean.missed()).as("seed %d", seed).isZero();
      swarm.run(60 * SECOND);
      assertThat(swarm.messages() - before).as("seed %d", seed).isLessThan(150L * NODES);
    }
  }

  @Test
  void anIdleSwarmIsQuiet() {
    Swarm swarm = new Swarm(3, OURS, NOTICED).bootstrapSingle(NODES);
    swarm.run(300 * SECOND);
    long before = swarm.messages();
    swarm.run(1200 * SECOND);
    double each = (swarm.messages() - before) / 1200.0 / NODES;
    System.out.println("idle, seed 3: " + each + " messages/s a node");
    assertThat(each).isLessThan(0.5);
  }
}
