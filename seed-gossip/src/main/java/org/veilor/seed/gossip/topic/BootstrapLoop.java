package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;

/**
 * Whom to join when, for as long as the topic is joined: often without neighbours, going round all
 * that are known; rarely with neighbours, which is what brings two halves together again.
 */
final class BootstrapLoop {
  private static final double JITTER = 0.2;

  private final RandomGenerator random;
  private final LinkedHashSet<EndpointId> contacts = new LinkedHashSet<>();
  private final LinkedHashSet<EndpointId> knownGood = new LinkedHashSet<>();
  private int attempts;
  private int turn;
  private long lastNanos;

  BootstrapLoop(RandomGenerator random, long nowNanos) {
    this.random = random;
    this.lastNanos = nowNanos;
  }

  void addContact(EndpointId peer) {
    addLast(contacts, peer, TopicLimits.MAX_CONTACTS);
  }

  /** It is a neighbour now: it will be good to know, and we are not alone. */
  void succeeded(EndpointId peer) {
    addLast(knownGood, peer, TopicLimits.MAX_KNOWN_GOOD);
    attempts = 0;
  }

  boolean knows(EndpointId peer) {
    return contacts.contains(peer) || knownGood.contains(peer);
  }

  List<EndpointId> knownGood() {
    return List.copyOf(knownGood);
  }

  /** Nobody is known to be asked. */
  boolean isEmpty() {
    return contacts.isEmpty() && knownGood.isEmpty();
  }

  /** When to look next, from now. */
  long pauseNanos(int neighbors, long nowNanos) {
    long pause =
        switch (neighbors) {
          case 0 -> alonePause();
          case 1 -> TopicLimits.LONELY_PAUSE_NANOS;
          default -> Math.max(0, lastNanos + TopicLimits.HEALTHY_PAUSE_NANOS - nowNanos);
        };
    return Math.round(pause * (1 - JITTER + 2 * JITTER * random.nextDouble()));
  }

  /** Whether it is time to join somebody: with enough neighbours not so soon after the last. */
  boolean isDue(int neighbors, long nowNanos) {
    long soonest = Math.round(TopicLimits.HEALTHY_PAUSE_NANOS * (1 - JITTER));
    return neighbors < 2 || nowNanos - lastNanos >= soonest;
  }

  /** Whom to join; without neighbours anybody usable in turn, else rather one of the preferred. */
  @Nullable EndpointId next(
      int neighbors, Predicate<EndpointId> preferred, Predicate<EndpointId> usable, long nowNanos) {
    lastNanos = nowNanos;
    if (neighbors == 0) {
      attempts++;
    }
    LinkedHashSet<EndpointId> all = new LinkedHashSet<>(contacts);
    all.addAll(knownGood.reversed());
    List<EndpointId> candidates = new ArrayList<>(all);
    candidates.removeIf(usable.negate());
    if (candidates.isEmpty()) {
      return null;
    }
    if (neighbors == 0) {
      return candidates.get(turn++ % candidates.size());
    }
    List<EndpointId> better = candidates.stream().filter(preferred).toList();
    List<EndpointId> best = better.isEmpty() ? candidates : better;
    return best.get(random.nextInt(best.size()));
  }

  private long alonePause() {
    int doublings = Math.min(attempts, 5);
    return Math.min(TopicLimits.LONELY_PAUSE_NANOS, TopicLimits.ALONE_PAUSE_NANOS << doublings);
  }

  private static void addLast(SequencedSet<EndpointId> set, EndpointId peer, int capacity) {
    set.addLast(peer);
    if (set.size() > capacity) {
      set.removeFirst();
    }
  }
}
