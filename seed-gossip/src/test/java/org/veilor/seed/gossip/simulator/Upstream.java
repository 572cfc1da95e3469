package org.veilor.seed.gossip.simulator;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.gossip.topic.GossipConfig;

/**
 * The scenarios of iroh-gossip's simulator ({@code simulations/all.toml}, {@code tests/sim.rs}).
 */
enum Upstream {
  /** One node says everything. */
  SINGLE,
  /** Another node each time. */
  MULTI,
  /** All at once. */
  ALL;

  /** The mean over the rounds of one run. */
  Round run(long seed, GossipConfig config, Conditions conditions, int nodes, int rounds) {
    Swarm swarm = new Swarm(seed, config, conditions).bootstrapSingle(nodes);
    return run(swarm, rounds);
  }

  Round run(Swarm swarm, int rounds) {
    List<Round> results = new ArrayList<>();
    int first = swarm.randomNode();
    int[] everybody = swarm.living().stream().mapToInt(Integer::intValue).toArray();
    for (int i = 0; i < rounds; i++) {
      results.add(
          switch (this) {
            case SINGLE -> swarm.round(first, "m" + i);
            case MULTI -> swarm.round(swarm.randomNode(), "m" + i);
            case ALL -> swarm.round(everybody, i + ":0");
          });
    }
    return Round.mean(results);
  }

  /** The mean over seeds 0 to {@code seeds - 1}. */
  Round mean(GossipConfig config, Conditions conditions, int nodes, int rounds, int seeds) {
    List<Round> results = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      results.add(run(seed, config, conditions, nodes, rounds));
    }
    return Round.mean(results);
  }
}
