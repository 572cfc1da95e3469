package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.Message.Priority;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.PeerInfo;

/**
 * Membership of one topic (Leitão, Pereira, Rodrigues: HyParView, DSN 2007) as in iroh-gossip
 * ({@code hyparview.rs}): a few active neighbours, always mutual, and more passive peers to replace
 * them with. As there, a peer becomes a neighbour only when its own Neighbor or Join arrives.
 *
 * <p>A <i>mark</i> is a Neighbor that we sent and that was not answered; the next Neighbor from a
 * marked peer is taken for that answer and not answered itself. In iroh-gossip marks stay until the
 * peer says something, and each takes a neighbour's place when the view is refilled, which can deaf
 * and isolate nodes. Hardened, they expire, {@link Requests} counts what is under way in their
 * place, and {@link Links} looks after links that only one side knows.
 */
final class HyParView {
  /** Tags, origin, count and ttl of a Shuffle, at their longest. */
  private static final int SHUFFLE_OVERHEAD_BYTES = 2 + EndpointId.LENGTH + 2 + 3;

  private final EndpointId self;
  private final GossipConfig.Membership config;
  private final boolean hardened;
  private final RandomGenerator random;
  private final PeerBudgets budgets;
  private final RandomSet<EndpointId> active = new RandomSet<>();
  private final RandomSet<EndpointId> passive = new RandomSet<>();
  private final ExpiringSet<EndpointId> marks;
  private final ExpiringSet<EndpointId> aliveMarks;
  private final PeerBook book;
  private final Requests requests;
  private final Links links;
  private PeerData ownData;
  private boolean started;
  private boolean left;
  private int shuffles;

  HyParView(
      EndpointId self,
      PeerData ownData,
      GossipConfig config,
      RandomGenerator random,
      PeerBudgets budgets,
      long nowNanos) {
    this.self = self;
    this.ownData = ownData;
    this.config = config.membership();
    this.hardened = config.hardening();
    this.random = random;
    this.budgets = budgets;
    this.marks =
        hardened
            ? new ExpiringSet<>(TopicLimits.MARK_NANOS, TopicLimits.MAX_JOINERS)
            : ExpiringSet.endless();
    this.aliveMarks =
        hardened ? new ExpiringSet<>(Long.MAX_VALUE, TopicLimits.MAX_MARKS) : ExpiringSet.endless();
    this.book = new PeerBook(hardened);
    this.requests = new Requests(this, random, nowNanos);
    this.links = new Links(this);
  }

  // Inputs

  void join(EndpointId contact, Turn turn) {
    if (hardened) {
      requests.join(contact, turn);
    } else {
      turn.send(contact, new Message.Join(ownData));
    }
    start(turn);
  }

  void ownData(PeerData data, Turn turn) {
    ownData = data;
    start(turn);
  }

  void quit(Turn turn) {
    left = true;
    for (EndpointId peer : active.toList()) {
      removeFromActive(peer, turn);
      sendDisconnect(peer, false, turn);
    }
    requests.clear(turn);
  }

  void on(EndpointId from, Message.Membership message, Turn turn) {
    if (hardened) {
      links.heard(from, message, turn);
    }
    if (mayAsk(from, message, turn)) {
      handle(from, message, turn);
      if (!(message instanceof Message.Disconnect) && !active.contains(from)) {
        release(from, turn);
      }
      book.trim(this::isKept);
    }
    start(turn);
  }

  /** Hardened, whoever was just sent a Neighbor may be about to become one. */
  private void release(EndpointId peer, Turn turn) {
    if (!hardened || !marks.contains(peer, turn.nowNanos())) {
      turn.release(peer);
    }
  }

  /** A message for the tree came, which only neighbours should send. */
  void heardBroadcast(EndpointId from, Message.Broadcast message, Turn turn) {
    if (hardened) {
      links.heard(from, message, turn);
    }
  }

  void peerDisconnected(EndpointId peer, Turn turn) {
    long now = turn.nowNanos();
    marks.remove(peer, now);
    boolean requested = hardened && requests.failed(peer, turn);
    if (active.contains(peer)) {
      removeActive(peer, Removal.CONNECTION_CLOSED, turn);
    } else if (!aliveMarks.remove(peer, now)) {
      if (!hardened) {
        passive.remove(peer);
        book.remove(peer);
      } else if (requested) {
        requests.suspect(peer, passive, now);
        refill(Set.of(), turn);
      }
    }
    start(turn);
  }

  void on(TopicTimer.Membership timer, Turn turn) {
    switch (timer) {
      case TopicTimer.Shuffle() -> shuffle(turn);
      case TopicTimer.RequestTimeout(EndpointId peer) -> onRequestTimeout(peer, turn);
      case TopicTimer.JoinTimeout(EndpointId peer) -> requests.onJoinTimeout(peer, turn);
      case TopicTimer.LinkCheck check -> links.onCheck(check, turn);
      case TopicTimer.Refill() -> requests.onRefillTimer(turn);
      case TopicTimer.Bootstrap() -> requests.onBootstrapTimer(turn);
    }
  }

  private void start(Turn turn) {
    if (!started) {
      started = true;
      scheduleShuffle(turn);
      if (hardened) {
        requests.planBootstrap(turn);
      }
    }
  }

  private boolean mayAsk(EndpointId from, Message.Membership message, Turn turn) {
    boolean request =
        message instanceof Message.Join
            || (message instanceof Message.Neighbor(Priority priority, PeerData _)
                && priority == Priority.HIGH);
    return !request || budgets.take(from, PeerBudgets.Kind.REQUEST, turn.nowNanos());
  }

  // Messages

  private void handle(EndpointId from, Message.Membership message, Turn turn) {
    switch (message) {
      case Message.Join(PeerData data) -> onJoin(from, data, turn);
      case Message.ForwardJoin forward -> onForwardJoin(from, forward, turn);
      case Message.Shuffle walk -> onShuffle(from, walk, turn);
      case Message.ShuffleReply(List<PeerInfo> nodes) -> {
        addAllPassive(from, nodes, turn);
        refill(Set.of(), turn);
      }
      case Message.Neighbor neighbor -> onNeighbor(from, neighbor, turn);
      case Message.Disconnect(boolean alive) -> onDisconnect(from, alive, turn);
    }
  }

  private void onJoin(EndpointId from, @Nullable PeerData data, Turn turn) {
    if (hardened) {
      // A peer that joins does not know us, whatever we were to each other: it waits for an answer.
      marks.remove(from, turn.nowNanos());
      requests.endCoolDown(from, turn);
      if (active.contains(from)) {
        turn.neighborUp(from); // it began anew before its old connection was missed
      }
    }
    addActive(from, data, Priority.HIGH, true, turn);
    Message.ForwardJoin forward =
        new Message.ForwardJoin(new PeerInfo(from, data), config.activeWalk());
    for (EndpointId peer : active.toList()) {
      if (!peer.equals(from)) {
        sendIfShort(peer, forward, MessageSizes.of(forward), turn);
      }
    }
  }

  private void onForwardJoin(EndpointId from, Message.ForwardJoin message, Turn turn) {
    EndpointId peer = message.peer().id();
    PeerData data = message.peer().data();
    if (hardened && peer.equals(self)) {
      return;
    }
    if (active.contains(peer)) {
      store(peer, data, false, turn);
      sendNeighbor(peer, Priority.HIGH, turn);
    } else if (message.ttl() == 0 || active.size() <= 1) {
      if (budgets.take(from, PeerBudgets.Kind.PEER_INFO, turn.nowNanos())) {
        store(peer, data, false, turn);
        sendNeighbor(peer, Priority.HIGH, turn);
      }
    } else {
      if (message.ttl() == config.passiveWalk()) {
        addPassiveOf(from, message.peer(), turn);
      }
      EndpointId next = active.pick(random, candidate -> !candidate.equals(from));
      if (next != null && !marks.contains(peer, turn.nowNanos())) {
        Message.ForwardJoin forward = new Message.ForwardJoin(message.peer(), message.ttl() - 1);
        sendIfShort(next, forward, MessageSizes.of(forward), turn);
      }
    }
  }

  private void onNeighbor(EndpointId from, Message.Neighbor message, Turn turn) {
    long now = turn.nowNanos();
    if (hardened && requests.isCoolingDown(from, now)) {
      return;
    }
    boolean answer = marks.remove(from, now);
    if (addActive(from, message.data(), message.priority(), !answer, turn)) {
      if (hardened) {
        requests.succeeded(from, turn);
        refill(Set.of(), turn);
      }
    } else if (!from.equals(self)) {
      sendDisconnect(from, true, turn);
    }
  }

  private void onShuffle(EndpointId from, Message.Shuffle message, Turn turn) {
    if (message.ttl() == 0 || active.size() <= 1) {
      addAllPassive(from, message.nodes(), turn);
      int count = message.nodes().size();
      sendShuffleReply(
          message.origin(),
          hardened ? Math.min(count, TopicLimits.MAX_SHUFFLE_NODES) : count,
          turn);
      return;
    }
    EndpointId next =
        active.pick(random, peer -> !peer.equals(from) && !peer.equals(message.origin()));
    if (next != null) {
      Message.Shuffle walk =
          new Message.Shuffle(message.origin(), message.nodes(), message.ttl() - 1);
      sendIfShort(next, walk, MessageSizes.of(walk), turn);
    }
  }

  private void onDisconnect(EndpointId from, boolean alive, Turn turn) {
    long now = turn.nowNanos();
    marks.remove(from, now);
    boolean refused = hardened && requests.refused(from, turn);
    if (active.contains(from)) {
      removeActive(from, alive ? Removal.DISCONNECTED_ALIVE : Removal.DISCONNECTED_LEAVING, turn);
    } else if (alive && passive.contains(from)) {
      aliveMarks.add(from, now);
    }
    if (hardened) {
      if (!alive && passive.remove(from)) {
        book.remove(from);
      }
      if (refused) {
        turn.release(from);
      }
    }
  }

  // Timers

  private void shuffle(Turn turn) {
    EndpointId target = active.pick(random);
    if (target != null) {
      Predicate<EndpointId> others = peer -> !peer.equals(target);
      List<EndpointId> peers =
          new ArrayList<>(active.sample(config.shuffleActive(), random, others));
      peers.addAll(passive.sample(config.shufflePassive(), random, others));
      List<PeerInfo> nodes = infosOf(peers, new PeerInfo(self, ownData));
      turn.send(target, new Message.Shuffle(self, nodes, config.shuffleWalk()));
      shuffles++;
    }
    scheduleShuffle(turn);
  }

  /**
   * Hardened, the first shuffles come early, because whoever knows nobody but its neighbours is
   * lost with them; and with a tenth more or less, lest nodes that started together shuffle so.
   */
  private void scheduleShuffle(Turn turn) {
    long interval = config.shuffleIntervalNanos();
    if (hardened) {
      long early = TopicLimits.FIRST_SHUFFLE_NANOS << Math.min(shuffles, 16);
      interval = Math.round(Math.min(interval, early) * (0.9 + 0.2 * random.nextDouble()));
    }
    turn.schedule(interval, new TopicTimer.Shuffle());
  }

  private void onRequestTimeout(EndpointId peer, Turn turn) {
    if (hardened) {
      if (requests.timedOut(peer, turn)) {
        requests.suspect(peer, passive, turn.nowNanos());
        refill(Set.of(), turn);
      }
    } else if (marks.remove(peer, turn.nowNanos())) {
      passive.remove(peer);
      refill(Set.of(), turn);
    }
  }

  // Helpers of the rules

  private boolean addActive(
      EndpointId peer, @Nullable PeerData data, Priority priority, boolean reply, Turn turn) {
    if (peer.equals(self)) {
      return false;
    }
    store(peer, data, true, turn);
    if (!active.contains(peer)) {
      if (active.size() >= config.activeCapacity()) {
        if (priority == Priority.LOW) {
          return false;
        }
        evict(turn);
      }
      passive.remove(peer);
      active.add(peer);
      turn.hold(peer);
      turn.neighborUp(peer);
      if (hardened) {
        links.up(peer, turn);
        requests.becameActive(peer, turn);
      }
    }
    if (reply) {
      sendNeighbor(peer, priority, turn);
    }
    return true;
  }

  private void evict(Turn turn) {
    EndpointId spared = hardened ? links.protectedPeer(turn.nowNanos()) : null;
    EndpointId victim = active.pick(random, peer -> !peer.equals(spared));
    victim = victim == null ? spared : victim;
    if (victim != null) {
      takeActive(victim, Removal.EVICTED, turn);
    }
  }

  private enum Removal {
    EVICTED,
    DISCONNECTED_ALIVE,
    DISCONNECTED_LEAVING,
    CONNECTION_CLOSED
  }

  private void removeActive(EndpointId peer, Removal reason, Turn turn) {
    takeActive(peer, reason, turn);
    if (hardened) {
      requests.becameInactive(turn);
    }
    refill(Set.of(peer), turn);
  }

  private void takeActive(EndpointId peer, Removal reason, Turn turn) {
    removeFromActive(peer, turn);
    turn.neighborDown(peer);
    long now = turn.nowNanos();
    boolean kept =
        switch (reason) {
          case EVICTED -> {
            sendDisconnect(peer, true, turn);
            yield true;
          }
          case DISCONNECTED_ALIVE, DISCONNECTED_LEAVING -> {
            turn.release(peer);
            yield reason == Removal.DISCONNECTED_ALIVE;
          }
          case CONNECTION_CLOSED -> {
            turn.release(peer);
            yield aliveMarks.remove(peer, now);
          }
        };
    if (kept) {
      PeerData data = book.get(peer);
      book.remove(peer);
      addPassive(new PeerInfo(peer, data), turn);
      if (reason != Removal.CONNECTION_CLOSED) {
        aliveMarks.add(peer, now);
      }
    }
  }

  private void removeFromActive(EndpointId peer, Turn turn) {
    if (active.remove(peer)) {
      links.down(peer);
      turn.drop(peer);
    }
  }

  private void addAllPassive(EndpointId from, List<PeerInfo> nodes, Turn turn) {
    int looked = 0;
    for (PeerInfo node : nodes) {
      if (!hardened || looked++ < TopicLimits.MAX_SHUFFLE_NODES) {
        addPassiveOf(from, node, turn);
      }
    }
  }

  /** Adds what somebody says of somebody; whoever says too much new is not listened to. */
  private void addPassiveOf(EndpointId from, PeerInfo node, Turn turn) {
    boolean known = active.contains(node.id()) || passive.contains(node.id());
    if (known || budgets.take(from, PeerBudgets.Kind.PEER_INFO, turn.nowNanos())) {
      addPassive(node, turn);
    }
  }

  private void addPassive(PeerInfo node, Turn turn) {
    EndpointId peer = node.id();
    if (hardened && peer.equals(self)) {
      return;
    }
    store(peer, node.data(), false, turn);
    if (active.contains(peer) || passive.contains(peer) || peer.equals(self)) {
      return;
    }
    if (passive.size() >= config.passiveCapacity()) {
      EndpointId victim = hardened ? requests.suspectOf(passive, random) : passive.pick(random);
      if (victim != null) {
        passive.remove(victim);
      }
    }
    passive.add(peer);
  }

  private void store(EndpointId peer, @Nullable PeerData data, boolean direct, Turn turn) {
    if (data != null && book.store(peer, data, direct, turn.nowNanos())) {
      turn.learned(peer, data);
    }
  }

  /** Asks a passive peer to be a neighbour, if there is room and nobody else is being asked. */
  void refill(Set<EndpointId> skipped, Turn turn) {
    if (hardened) {
      requests.refill(skipped, turn);
      return;
    }
    long now = turn.nowNanos();
    if (active.size() + marks.size(now) >= config.activeCapacity()) {
      return;
    }
    EndpointId peer = passive.pick(random, p -> !skipped.contains(p) && !marks.contains(p, now));
    if (peer != null) {
      sendNeighbor(peer, refillPriority(), turn);
      turn.schedule(config.requestTimeoutNanos(), new TopicTimer.RequestTimeout(peer));
    }
  }

  Priority refillPriority() {
    return active.isEmpty() ? Priority.HIGH : Priority.LOW;
  }

  private void sendNeighbor(EndpointId peer, Priority priority, Turn turn) {
    if (!marks.contains(peer, turn.nowNanos())) {
      sendNeighborAnyway(peer, priority, turn);
    }
  }

  /** Sends Neighbor to a peer that may be marked already. */
  void sendNeighborAnyway(EndpointId peer, Priority priority, Turn turn) {
    marks.add(peer, turn.nowNanos());
    requests.endCoolDown(peer, turn);
    tellAddresses(peer, turn);
    turn.send(peer, new Message.Neighbor(priority, ownData));
  }

  /** Sends Join. */
  void sendJoin(EndpointId peer, Turn turn) {
    tellAddresses(peer, turn);
    turn.send(peer, new Message.Join(ownData));
  }

  /** Sends a farewell with peers to go to, and forgets what was asked of the peer. */
  void sendDisconnect(EndpointId peer, boolean alive, Turn turn) {
    sendShuffleReply(peer, config.shuffleActive() + config.shufflePassive(), turn);
    turn.send(peer, new Message.Disconnect(alive));
    if (hardened) {
      marks.remove(peer, turn.nowNanos());
      requests.startCoolDown(peer, turn);
    }
    turn.release(peer);
  }

  private void sendShuffleReply(EndpointId to, int count, Turn turn) {
    List<EndpointId> peers =
        new ArrayList<>(passive.sample(count, random, peer -> !hardened || !peer.equals(to)));
    peers.addAll(
        active.sample(count - peers.size(), random, peer -> !hardened || !peer.equals(to)));
    tellAddresses(to, turn);
    turn.send(to, new Message.ShuffleReply(infosOf(peers, null)));
  }

  /** A dial may be needed: whoever dials forgets addresses earlier than we do. */
  private void tellAddresses(EndpointId peer, Turn turn) {
    PeerData data = hardened && !active.contains(peer) ? book.get(peer) : null;
    if (data != null && data.sizeBytes() > 0) {
      turn.learned(peer, data);
    }
  }

  /** Peers with what is known of them; hardened, only what fits into a frame. */
  private List<PeerInfo> infosOf(List<EndpointId> peers, @Nullable PeerInfo last) {
    int room = GossipLimits.MAX_SENT_FRAME_BYTES - SHUFFLE_OVERHEAD_BYTES;
    room -= last == null ? 0 : MessageSizes.of(last);
    List<PeerInfo> nodes = new ArrayList<>(peers.size() + 1);
    for (EndpointId peer : peers) {
      PeerInfo full = new PeerInfo(peer, book.get(peer));
      PeerInfo bare = new PeerInfo(peer, null);
      PeerInfo chosen = !hardened || MessageSizes.of(full) <= room ? full : bare;
      if (!hardened || MessageSizes.of(chosen) <= room) {
        room -= MessageSizes.of(chosen);
        nodes.add(chosen);
      }
    }
    if (last != null) {
      nodes.add(last);
    }
    return nodes;
  }

  /** Passes a message on that may have come with a byte that we must not send. */
  private void sendIfShort(EndpointId to, Message message, int sizeBytes, Turn turn) {
    if (!hardened || sizeBytes <= GossipLimits.MAX_SENT_FRAME_BYTES) {
      turn.send(to, message);
    }
  }

  private boolean isKept(EndpointId peer) {
    return active.contains(peer) || passive.contains(peer) || requests.needs(peer);
  }

  // What the helpers and tests look at

  boolean hasLeft() {
    return left;
  }

  boolean isMarked(EndpointId peer, long nowNanos) {
    return marks.contains(peer, nowNanos);
  }

  /** Forgets that we wait for the peer's Neighbor. */
  void unmark(EndpointId peer, long nowNanos) {
    marks.remove(peer, nowNanos);
  }

  int marks(long nowNanos) {
    return marks.size(nowNanos);
  }

  EndpointId self() {
    return self;
  }

  GossipConfig.Membership config() {
    return config;
  }

  RandomSet<EndpointId> active() {
    return active;
  }

  RandomSet<EndpointId> passive() {
    return passive;
  }

  PeerBook book() {
    return book;
  }

  Requests requests() {
    return requests;
  }

  Links links() {
    return links;
  }
}
