package org.veilor.seed.gossip.topic;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message.Priority;

/**
 * What was asked of whom, and when to ask again (hardened only).
 *
 * <p>Requests to passive peers are counted as such, not by marks. A refusal is followed by a pause
 * that doubles; a time-out by the next request. Whoever was sent a Disconnect cools down: its
 * Neighbor may have crossed ours, and answering it would displace the next neighbour, for ever. An
 * unanswered Join is followed by two Neighbor(High): a peer that takes the first for an answer to
 * its own answers the second.
 */
final class Requests {
  private final HyParView views;
  private final RandomGenerator random;
  private final BootstrapLoop bootstrap;
  private final Map<EndpointId, Long> outstanding = new HashMap<>();
  private final Map<EndpointId, Integer> joining = new HashMap<>();
  private final Set<EndpointId> suspects = new HashSet<>();
  private final ExpiringSet<EndpointId> coolDown =
      new ExpiringSet<>(TopicLimits.COOL_DOWN_NANOS, TopicLimits.MAX_JOINERS);
  private long backOffNanos;
  private long pausedUntilNanos;
  private boolean refillTimer;
  private long bootstrapAtNanos;
  private boolean bootstrapTimer;

  Requests(HyParView views, RandomGenerator random, long nowNanos) {
    this.views = views;
    this.random = random;
    this.bootstrap = new BootstrapLoop(random, nowNanos);
    this.pausedUntilNanos = nowNanos;
    this.bootstrapAtNanos = nowNanos;
  }

  // Joining

  void join(EndpointId contact, Turn turn) {
    if (contact.equals(views.self())) {
      return;
    }
    bootstrap.addContact(contact);
    startJoin(contact, turn);
  }

  private void startJoin(EndpointId peer, Turn turn) {
    views.sendJoin(peer, turn);
    boolean tracked = views.active().contains(peer) || joining.containsKey(peer);
    if (!tracked && joining.size() < TopicLimits.MAX_CONTACTS) {
      joining.put(peer, 0);
      turn.hold(peer);
      turn.schedule(TopicLimits.JOIN_RETRY_NANOS, new TopicTimer.JoinTimeout(peer));
    }
  }

  void onJoinTimeout(EndpointId peer, Turn turn) {
    Integer retries = joining.get(peer);
    if (retries == null) {
      return;
    }
    if (retries >= TopicLimits.JOIN_RETRIES) {
      endJoin(peer, turn);
      turn.release(peer);
      return;
    }
    joining.put(peer, retries + 1);
    views.sendNeighborAnyway(peer, Priority.HIGH, turn);
    turn.schedule(TopicLimits.JOIN_RETRY_NANOS, new TopicTimer.JoinTimeout(peer));
  }

  private boolean endJoin(EndpointId peer, Turn turn) {
    boolean was = joining.remove(peer) != null;
    if (was) {
      turn.drop(peer);
    }
    return was;
  }

  // The bootstrap loop

  void planBootstrap(Turn turn) {
    long at = turn.nowNanos() + bootstrap.pauseNanos(views.active().size(), turn.nowNanos());
    if (!bootstrapTimer || at - bootstrapAtNanos < 0) {
      bootstrapTimer = true;
      bootstrapAtNanos = at;
      turn.schedule(at - turn.nowNanos(), new TopicTimer.Bootstrap());
    }
  }

  void onBootstrapTimer(Turn turn) {
    if (!bootstrapTimer || turn.nowNanos() - bootstrapAtNanos < 0) {
      return;
    }
    bootstrapTimer = false;
    int neighbors = views.active().size();
    if (bootstrap.isDue(neighbors, turn.nowNanos()) && !bootstrap.isEmpty()) {
      Predicate<EndpointId> usable =
          peer -> !views.active().contains(peer) && !joining.containsKey(peer);
      // With neighbours this is about another half of the swarm: whoever is in no view any more.
      Predicate<EndpointId> lost = usable.and(peer -> !views.passive().contains(peer));
      EndpointId peer = bootstrap.next(neighbors, lost, usable, turn.nowNanos());
      if (peer != null) {
        startJoin(peer, turn);
      }
    }
    planBootstrap(turn);
  }

  // Refilling the active view

  void refill(Set<EndpointId> skipped, Turn turn) {
    long now = turn.nowNanos();
    int wanted = views.config().activeCapacity() - TopicLimits.SLOTS_LEFT_FREE;
    if (views.hasLeft() || views.active().size() + outstanding.size() >= Math.max(1, wanted)) {
      return;
    }
    if (now - pausedUntilNanos < 0) {
      scheduleRefill(pausedUntilNanos - now, turn);
      return;
    }
    EndpointId peer = candidate(skipped, now);
    if (peer == null && views.active().isEmpty() && !views.passive().isEmpty()) {
      scheduleRefill(TopicLimits.COOL_DOWN_NANOS, turn);
    }
    while (peer != null) {
      request(peer, views.refillPriority(), turn);
      boolean urgent =
          views.active().size() + outstanding.size() < TopicLimits.COMFORTABLE_NEIGHBORS;
      peer = urgent ? candidate(skipped, now) : null;
    }
  }

  /** A peer that failed before is asked only when no other is left. */
  private @Nullable EndpointId candidate(Set<EndpointId> skipped, long now) {
    Predicate<EndpointId> free =
        peer ->
            !skipped.contains(peer)
                && !isPending(peer)
                && !views.isMarked(peer, now)
                && !isCoolingDown(peer, now);
    EndpointId fresh =
        views.passive().pick(random, peer -> !suspects.contains(peer) && free.test(peer));
    return fresh != null ? fresh : views.passive().pick(random, free);
  }

  void request(EndpointId peer, Priority priority, Turn turn) {
    long timeout = views.config().requestTimeoutNanos();
    if (outstanding.put(peer, turn.nowNanos() + timeout) == null) {
      turn.hold(peer);
    }
    views.sendNeighborAnyway(peer, priority, turn);
    turn.schedule(timeout, new TopicTimer.RequestTimeout(peer));
  }

  void onRefillTimer(Turn turn) {
    refillTimer = false;
    refill(Set.of(), turn);
  }

  private void scheduleRefill(long delayNanos, Turn turn) {
    if (!refillTimer) {
      refillTimer = true;
      turn.schedule(delayNanos, new TopicTimer.Refill());
    }
  }

  // What became of requests

  /** The peer is a neighbour now, whoever asked whom. */
  void becameActive(EndpointId peer, Turn turn) {
    bootstrap.succeeded(peer);
    suspects.remove(peer);
    endRequest(peer, turn);
    endJoin(peer, turn);
    planBootstrap(turn);
  }

  /** A neighbour is none any more. */
  void becameInactive(Turn turn) {
    planBootstrap(turn);
  }

  /** A Neighbor of the peer was accepted. */
  void succeeded(EndpointId peer, Turn turn) {
    backOffNanos = 0;
    pausedUntilNanos = turn.nowNanos();
    coolDown.remove(peer, turn.nowNanos());
  }

  /** The peer sent Disconnect; says whether that was a refusal. */
  boolean refused(EndpointId peer, Turn turn) {
    boolean joined = endJoin(peer, turn);
    boolean refused = endRequest(peer, turn);
    if (refused) {
      backOffNanos =
          Math.min(maxBackOff(), Math.max(TopicLimits.FIRST_BACK_OFF_NANOS, 2 * backOffNanos));
      pausedUntilNanos = turn.nowNanos() + backOffNanos;
      scheduleRefill(backOffNanos, turn);
    }
    return refused || joined;
  }

  private long maxBackOff() {
    int neighbors = views.active().size();
    if (neighbors == 0) {
      return TopicLimits.ALONE_BACK_OFF_NANOS;
    }
    return neighbors < TopicLimits.COMFORTABLE_NEIGHBORS
        ? TopicLimits.BACK_OFF_NANOS
        : TopicLimits.COMFORTABLE_BACK_OFF_NANOS;
  }

  /** The peer cannot be reached; says whether anything was asked of it. */
  boolean failed(EndpointId peer, Turn turn) {
    boolean joined = endJoin(peer, turn);
    return endRequest(peer, turn) || joined;
  }

  /** Whether a request to the peer is older than it may get. */
  boolean timedOut(EndpointId peer, Turn turn) {
    Long deadline = outstanding.get(peer);
    if (deadline == null || turn.nowNanos() - deadline < 0) {
      return false;
    }
    endRequest(peer, turn);
    views.unmark(peer, turn.nowNanos());
    turn.release(peer);
    return true;
  }

  /** The peer failed: once it is only asked after all others, twice it is forgotten. */
  void suspect(EndpointId peer, RandomSet<EndpointId> passive, long nowNanos) {
    if (!passive.contains(peer)) {
      suspects.remove(peer);
    } else if (!suspects.add(peer)) {
      suspects.remove(peer);
      passive.remove(peer);
    }
  }

  /** Which passive peer gives way to a new one: if possible one that failed. */
  @Nullable EndpointId suspectOf(RandomSet<EndpointId> passive, RandomGenerator generator) {
    suspects.removeIf(peer -> !passive.contains(peer));
    EndpointId suspect = suspects.isEmpty() ? null : passive.pick(generator, suspects::contains);
    EndpointId victim = suspect != null ? suspect : passive.pick(generator);
    if (victim != null) {
      suspects.remove(victim);
    }
    return victim;
  }

  private boolean endRequest(EndpointId peer, Turn turn) {
    boolean was = outstanding.remove(peer) != null;
    if (was) {
      turn.drop(peer);
    }
    return was;
  }

  // Cool-down

  void startCoolDown(EndpointId peer, Turn turn) {
    endRequest(peer, turn);
    coolDown.add(peer, turn.nowNanos());
  }

  void endCoolDown(EndpointId peer, Turn turn) {
    coolDown.remove(peer, turn.nowNanos());
  }

  boolean isCoolingDown(EndpointId peer, long nowNanos) {
    return coolDown.contains(peer, nowNanos);
  }

  /** Something was asked of the peer. */
  boolean isPending(EndpointId peer) {
    return outstanding.containsKey(peer) || joining.containsKey(peer);
  }

  /** The peer's addresses are to be kept. */
  boolean needs(EndpointId peer) {
    return isPending(peer) || bootstrap.knows(peer);
  }

  void clear(Turn turn) {
    Set.copyOf(outstanding.keySet()).forEach(peer -> endRequest(peer, turn));
    Set.copyOf(joining.keySet()).forEach(peer -> endJoin(peer, turn));
  }

  int outstanding() {
    return outstanding.size();
  }

  List<EndpointId> knownGood() {
    return bootstrap.knownGood();
  }
}
