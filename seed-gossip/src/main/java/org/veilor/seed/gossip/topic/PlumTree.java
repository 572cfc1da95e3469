package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;

/**
 * Epidemic broadcast trees (Leitão, Pereira, Rodrigues: PlumTree, SRDS 2007) as in iroh-gossip
 * ({@code plumtree.rs}): payloads go along a tree of eager links, ids along the lazy ones, and a
 * message that is only heard of is asked for after a while, which makes its link eager.
 *
 * <p>Hardened, only neighbours are eager or lazy, and only they can say that they have a message: a
 * stranger's payload is taken and its Graft answered, but it gets no place in the tree. And nobody
 * is sent what it said it has; what is for the neighbours goes to all of them, not only the eager.
 */
final class PlumTree {
  private final GossipConfig config;
  private final GossipConfig.Broadcast times;
  private final Predicate<EndpointId> isNeighbor;
  private final PeerBudgets budgets;
  private final Set<EndpointId> eager = new HashSet<>();
  private final Set<EndpointId> lazy = new HashSet<>();
  private final Map<EndpointId, List<Message.IHaveItem>> lazyQueue = new LinkedHashMap<>();
  private final Map<EndpointId, Integer> duplicates = new HashMap<>();
  private final MissingMessages missing;
  private final TimedCache<Boolean> received;
  private final MessageCache cache;
  private final Set<Hash> graftTimers = new HashSet<>();
  private boolean dispatching;
  private boolean started;
  private boolean evicting;
  private long startedNanos;
  private long spoofed;

  PlumTree(
      GossipConfig config,
      Predicate<EndpointId> isNeighbor,
      PeerBudgets budgets,
      MessageCache.NodeBytes nodeBytes) {
    this.config = config;
    this.times = config.broadcast();
    this.isNeighbor = isNeighbor;
    this.budgets = budgets;
    this.missing = new MissingMessages(config.hardening());
    this.received = new TimedCache<>(times.idRetentionNanos());
    this.cache = new MessageCache(times.cacheRetentionNanos(), config.hardening(), nodeBytes);
  }

  void neighborUp(EndpointId peer, Turn turn) {
    start(turn.nowNanos());
    if (config.hardening() && eager.size() >= TopicLimits.EAGER_AT_FIRST) {
      addLazy(peer);
    } else {
      addEager(peer);
    }
    if (config.hardening()) {
      tellRecent(peer, turn);
    }
  }

  /**
   * What was said while it was nobody's neighbour, or we were, reached one of us only: whoever is
   * displaced loses nothing if it finds another place within {@link TopicLimits#RECENT_NANOS}.
   */
  private void tellRecent(EndpointId peer, Turn turn) {
    List<Message.IHaveItem> recent = new ArrayList<>();
    long since = turn.nowNanos() - TopicLimits.RECENT_NANOS;
    for (Message.Gossip message : cache.newest(TopicLimits.MAX_RECENT, since)) {
      if (message.scope() instanceof DeliveryScope.Swarm(int round)) {
        recent.add(new Message.IHaveItem(message.id(), round));
      }
    }
    if (!recent.isEmpty()) {
      turn.send(peer, new Message.IHave(recent));
    }
  }

  void neighborDown(EndpointId peer, long nowNanos) {
    start(nowNanos);
    missing.removePeer(peer);
    eager.remove(peer);
    lazy.remove(peer);
    duplicates.remove(peer);
    if (config.hardening()) {
      lazyQueue.remove(peer);
    }
  }

  void broadcast(byte[] content, boolean onlyNeighbors, Turn turn) {
    start(turn.nowNanos());
    DeliveryScope scope =
        onlyNeighbors ? new DeliveryScope.Neighbors() : new DeliveryScope.Swarm(0);
    Message.Gossip message = new Message.Gossip(Blake3Hasher.hash(content), content, scope);
    if (scope instanceof DeliveryScope.Swarm(int round)) {
      remember(message, turn);
      lazyPush(message.id(), round, null, turn);
    }
    eagerPush(message, null, turn);
    if (onlyNeighbors && config.hardening()) {
      lazy.forEach(peer -> turn.send(peer, message));
    }
  }

  void on(EndpointId from, Message.Broadcast message, Turn turn) {
    start(turn.nowNanos());
    switch (message) {
      case Message.Gossip gossip -> onGossip(from, gossip, turn);
      case Message.Prune() -> addLazy(from);
      case Message.Graft graft -> onGraft(from, graft, turn);
      case Message.IHave(List<Message.IHaveItem> items) -> onIHave(from, items, turn);
    }
  }

  void on(TopicTimer.Broadcast timer, Turn turn) {
    switch (timer) {
      case TopicTimer.Graft(Hash id) -> onGraftTimer(id, turn);
      case TopicTimer.DispatchLazy() -> dispatch(turn);
      case TopicTimer.Evict() -> evict(turn);
    }
  }

  private void start(long nowNanos) {
    if (!started) {
      started = true;
      startedNanos = nowNanos;
    }
  }

  private void onGossip(EndpointId from, Message.Gossip message, Turn turn) {
    if (!budgets.take(from, PeerBudgets.Kind.GOSSIP, turn.nowNanos())) {
      return;
    }
    if (!message.id().equals(Blake3Hasher.hash(message.content()))) {
      spoofed++;
      return;
    }
    if (received.contains(message.id())) {
      onDuplicate(from, turn);
      return;
    }
    if (message.scope() instanceof DeliveryScope.Swarm swarm) {
      Message.Gossip next = new Message.Gossip(message.id(), message.content(), swarm.next());
      if (config.hardening() && MessageSizes.of(next) > GossipLimits.MAX_SENT_FRAME_BYTES) {
        return;
      }
      duplicates.remove(from);
      forward(from, next, swarm.next().round(), turn);
    }
    turn.received(message.content(), message.scope(), from);
  }

  private void onDuplicate(EndpointId from, Turn turn) {
    if (config.pruneTolerance() > 0
        && eager.contains(from)
        && duplicates.merge(from, 1, Integer::sum) <= config.pruneTolerance()) {
      return;
    }
    duplicates.remove(from);
    addLazy(from);
    turn.send(from, new Message.Prune());
  }

  private void forward(EndpointId from, Message.Gossip message, int round, Turn turn) {
    remember(message, turn);
    eagerPush(message, from, turn);
    lazyPush(message.id(), round, from, turn);
    graftTimers.remove(message.id());
    MissingMessages.Source best = missing.remove(message.id());
    if (best != null && round - best.round() >= times.optimizationThreshold()) {
      optimize(from, best, turn);
    }
  }

  /** A peer would have brought it in fewer hops: it becomes eager in place of the sender. */
  private void optimize(EndpointId from, MissingMessages.Source best, Turn turn) {
    if (!eager.contains(best.peer())) {
      addEager(best.peer());
      turn.send(best.peer(), new Message.Graft(null, best.round()));
    }
    addLazy(from);
    turn.send(from, new Message.Prune());
  }

  private void onIHave(EndpointId from, List<Message.IHaveItem> items, Turn turn) {
    if (isStranger(from)) {
      return;
    }
    for (Message.IHaveItem item : items) {
      if (!budgets.take(from, PeerBudgets.Kind.IHAVE_ITEM, turn.nowNanos())) {
        return;
      }
      Hash id = item.id();
      if (!received.contains(id)
          && missing.add(id, new MissingMessages.Source(from, item.round()), turn.nowNanos())) {
        scheduleEviction(turn);
        if (graftTimers.add(id)) {
          turn.schedule(times.graftTimeoutNanos(), new TopicTimer.Graft(id));
        }
      }
    }
  }

  private void onGraftTimer(Hash id, Turn turn) {
    graftTimers.remove(id);
    if (received.contains(id)) {
      return;
    }
    MissingMessages.Source source = missing.pollSource(id);
    if (source != null) {
      addEager(source.peer());
      turn.send(source.peer(), new Message.Graft(id, source.round()));
      turn.schedule(times.graftRetryNanos(), new TopicTimer.Graft(id));
    }
  }

  private void onGraft(EndpointId from, Message.Graft graft, Turn turn) {
    addEager(from);
    Hash id = graft.id();
    Message.Gossip cached = id == null ? null : cache.get(id);
    if (cached != null && budgets.take(from, PeerBudgets.Kind.GRAFT, turn.nowNanos())) {
      turn.send(from, cached);
    }
  }

  private void eagerPush(Message.Gossip message, @Nullable EndpointId except, Turn turn) {
    for (EndpointId peer : eager) {
      boolean hasIt = config.hardening() && missing.isNamedBy(message.id(), peer);
      if (!peer.equals(except) && !hasIt) {
        turn.send(peer, message);
      }
    }
  }

  private void lazyPush(Hash id, int round, @Nullable EndpointId except, Turn turn) {
    Message.IHaveItem item = new Message.IHaveItem(id, round);
    for (EndpointId peer : lazy) {
      if (!peer.equals(except)) {
        List<Message.IHaveItem> queue = lazyQueue.computeIfAbsent(peer, p -> new ArrayList<>());
        if (!config.hardening() || queue.size() < TopicLimits.MAX_LAZY_QUEUE) {
          queue.add(item);
        }
      }
    }
    if (!dispatching && !(config.hardening() && lazyQueue.isEmpty())) {
      dispatching = true;
      turn.schedule(times.dispatchDelayNanos(), new TopicTimer.DispatchLazy());
    }
  }

  private void dispatch(Turn turn) {
    dispatching = false;
    lazyQueue.forEach((peer, items) -> {
      for (int i = 0; i < items.size(); i += GossipLimits.MAX_IHAVE_ITEMS) {
        int end = Math.min(items.size(), i + GossipLimits.MAX_IHAVE_ITEMS);
        turn.send(peer, new Message.IHave(items.subList(i, end)));
      }
    });
    lazyQueue.clear();
  }

  private void remember(Message.Gossip message, Turn turn) {
    received.put(message.id(), Boolean.TRUE, turn.nowNanos());
    if (config.hardening() && received.size() > TopicLimits.MAX_RECEIVED) {
      received.pollEldest();
    }
    cache.put(message, turn.nowNanos());
    scheduleEviction(turn);
  }

  /** At the next full interval since the start; not while there is nothing to forget. */
  private void scheduleEviction(Turn turn) {
    if (!evicting) {
      evicting = true;
      long interval = times.evictIntervalNanos();
      long into = Math.floorMod(turn.nowNanos() - startedNanos, interval);
      turn.schedule(interval - into, new TopicTimer.Evict());
    }
  }

  private void evict(Turn turn) {
    evicting = false;
    cache.expire(turn.nowNanos());
    Boolean expired = received.expire(turn.nowNanos());
    while (expired != null) {
      expired = received.expire(turn.nowNanos());
    }
    missing.expire(turn.nowNanos());
    if (cache.size() > 0 || received.size() > 0 || missing.size() > 0) {
      scheduleEviction(turn);
    }
  }

  private void addEager(EndpointId peer) {
    if (!isStranger(peer)) {
      lazy.remove(peer);
      eager.add(peer);
    }
  }

  private void addLazy(EndpointId peer) {
    eager.remove(peer);
    if (!isStranger(peer)) {
      lazy.add(peer);
    }
  }

  private boolean isStranger(EndpointId peer) {
    return config.hardening() && !isNeighbor.test(peer);
  }

  /** The topic is left: what it kept counts no more. */
  void close() {
    cache.clear();
  }

  Set<EndpointId> eager() {
    return eager;
  }

  Set<EndpointId> lazy() {
    return lazy;
  }

  int cachedMessages() {
    return cache.size();
  }

  long cachedBytes() {
    return cache.bytes();
  }

  int receivedIds() {
    return received.size();
  }

  int missingIds() {
    return missing.size();
  }

  long spoofed() {
    return spoofed;
  }
}
