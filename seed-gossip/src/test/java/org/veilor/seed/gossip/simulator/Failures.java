package org.veilor.seed.gossip.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerInfo;
import org.veilor.seed.gossip.topic.GossipConfig;

/** What goes wrong in a swarm, and what became of it. */
final class Failures {
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long STEP = SECOND / 4;

  /**
   * What was seen.
   *
   * @param recoverySeconds until all are one swarm again; -1 if not in the time given
   * @param missed deliveries per broadcast that did not happen after that
   */
  record Outcome(double recoverySeconds, double missed) {}

  private Failures() {}

  /** A swarm that was joined one after the other and has settled. */
  static Swarm settled(long seed, GossipConfig config, Conditions conditions, int nodes) {
    Swarm swarm = new Swarm(seed, config, conditions).bootstrapStaggered(nodes, SECOND / 5);
    swarm.run(5 * SECOND);
    return swarm;
  }

  /** All neighbours of the first node vanish at once. */
  static Outcome firstNodeLosesAll(Swarm swarm, long atMostSeconds) {
    swarm.neighbors(0).forEach(swarm::kill);
    return recovery(swarm, atMostSeconds);
  }

  /** The node by which all joined vanishes. */
  static Outcome bootstrapNodeDies(Swarm swarm, long atMostSeconds) {
    swarm.kill(0);
    return recovery(swarm, atMostSeconds);
  }

  /** So many of all nodes vanish at once. */
  static Outcome vanish(Swarm swarm, double share, long atMostSeconds) {
    int count = (int) Math.round(swarm.living().size() * share);
    for (int i = 0; i < count; i++) {
      swarm.kill(swarm.randomNode());
    }
    return recovery(swarm, atMostSeconds);
  }

  /** Two halves cannot reach each other for a while. */
  static Outcome partition(Swarm swarm, long forSeconds, long atMostSeconds) {
    swarm.divide(node -> node % 2);
    swarm.run(forSeconds * SECOND);
    swarm.divide(node -> 0);
    return recovery(swarm, atMostSeconds);
  }

  private static Outcome recovery(Swarm swarm, long atMostSeconds) {
    long took =
        swarm.runUntil(
            () -> swarm.lonely().isEmpty() && swarm.components(n -> true) == 1,
            STEP,
            atMostSeconds * SECOND);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rounds.add(swarm.round(swarm.randomNode(), "after" + i));
    }
    return new Outcome(took < 0 ? -1 : took / (double) SECOND, Round.mean(rounds).missed());
  }

  /**
   * Passes no payload on, changes what it is asked for, says that it has messages that nobody has,
   * names peers that do not exist, and displaces neighbours.
   */
  static Misbehavior malice(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Misbehavior() {
      @Override
      public List<Message> instead(EndpointId to, Message message) {
        return message instanceof Message.Gossip gossip
            ? List.of(new Message.Gossip(gossip.id(), new byte[1], gossip.scope()))
            : List.of(message);
      }

      @Override
      public List<Message> everySecond() {
        List<Message.IHaveItem> items = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          byte[] name = Long.toString(random.nextLong()).getBytes(StandardCharsets.UTF_8);
          Hash id = Blake3Hasher.hash(name);
          items.add(new Message.IHaveItem(id, 0));
        }
        return List.of(
            new Message.IHave(items),
            new Message.Join(null),
            new Message.Neighbor(Message.Priority.HIGH, null),
            new Message.Graft(items.getFirst().id(), 0));
      }
    };
  }

  /** Peers that do not exist. */
  static List<PeerInfo> strangers(List<EndpointId> ids) {
    return ids.stream().map(id -> new PeerInfo(id, null)).toList();
  }
}
