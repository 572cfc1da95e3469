package org.veilor.seed.gossip.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipInput;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.gossip.topic.GossipState;

/**
 * Gossip nodes in one topic, joined by a network with virtual time, as in iroh-gossip's simulator
 * ({@code sim.rs}): discrete events in order of time, then of their making. Every random choice
 * comes from one seed, so a run can be repeated exactly.
 */
public final class Swarm {
  /** The topic of all simulations. */
  public static final TopicId TOPIC = TopicId.of(new byte[TopicId.LENGTH]);

  private static final long SECOND = 1_000_000_000L;
  private static final long MICROSECOND = 1_000;
  private static final long ROUND_NANOS = 5 * SECOND;
  private static final List<EndpointId> IDS = new ArrayList<>();

  private sealed interface Happening {}

  private record Arrival(int from, Message message) implements Happening {}

  private record Loss(int peer) implements Happening {}

  private record Wake() implements Happening {}

  private record Mischief() implements Happening {}

  private record Event(long atNanos, long sequence, int node, Happening what)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int order = Long.compare(atNanos, other.atNanos);
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
  }

  /** Something that a node told its application. */
  public record Told(int node, GossipOutput.Event event) {}

  private final GossipConfig config;
  private final Conditions conditions;
  private final SplittableRandom random;
  private final long latencySeed;
  private final List<SwarmNode> nodes = new ArrayList<>();
  private final Map<EndpointId, SwarmNode> byId = new HashMap<>();
  private final PriorityQueue<Event> queue = new PriorityQueue<>();
  private final Queue<Told> told = new ArrayDeque<>();
  private long sequence;
  private long nowNanos;
  private long messages;
  private long payloads;

  /** A swarm without nodes. */
  public Swarm(long seed, GossipConfig config, Conditions conditions) {
    this.config = config;
    this.conditions = conditions;
    this.random = new SplittableRandom(seed);
    this.latencySeed = random.nextLong();
  }

  // Nodes

  /** Adds a node that has joined nothing yet; its number is the next one. */
  public int add() {
    return add(config);
  }

  /** The same with rules of its own. */
  public int add(GossipConfig ownConfig) {
    int index = nodes.size();
    EndpointId id = idOf(index);
    SwarmNode node =
        new SwarmNode(index, id, new GossipState(id, PeerData.EMPTY, ownConfig, random.split()));
    nodes.add(node);
    byId.put(id, node);
    return index;
  }

  /** Lets a node join the topic, by these contacts. */
  public void join(int node, int... contacts) {
    List<EndpointId> ids = IntStream.of(contacts).mapToObj(Swarm::idOf).toList();
    input(nodes.get(node), new GossipInput.Join(TOPIC, ids));
  }

  /** Lets a node leave the topic. */
  public void quit(int node) {
    input(nodes.get(node), new GossipInput.Quit(TOPIC));
  }

  /** Ends a node; whoever has a connection to it hears of that after a while. */
  public void kill(int index) {
    SwarmNode node = nodes.get(index);
    node.alive = false;
    for (int peer : List.copyOf(node.links)) {
      breakLink(node, nodes.get(peer), conditions.detectionNanos());
    }
  }

  /** Starts a dead node again under its id, with nothing remembered. */
  public void restart(int index, GossipConfig ownConfig) {
    EndpointId id = nodes.get(index).id;
    SwarmNode node =
        new SwarmNode(index, id, new GossipState(id, PeerData.EMPTY, ownConfig, random.split()));
    nodes.set(index, node);
    byId.put(id, node);
  }

  /** From now on all that a node sends and gets takes this much longer. */
  public void slowDown(int node, long nanos) {
    nodes.get(node).slowNanos = nanos;
  }

  /** From now on a node misbehaves. */
  public void corrupt(int index, Misbehavior misbehavior) {
    SwarmNode node = nodes.get(index);
    node.misbehavior = misbehavior;
    push(nowNanos + SECOND, index, new Mischief());
  }

  /** Nodes on different sides lose each other; all on side 0 undoes that. */
  public void divide(java.util.function.IntUnaryOperator sideOf) {
    nodes.forEach(node -> node.side = sideOf.applyAsInt(node.index));
    for (SwarmNode node : nodes) {
      for (int other : List.copyOf(node.links)) {
        SwarmNode peer = nodes.get(other);
        if (peer.side != node.side) {
          breakLink(node, peer, conditions.detectionNanos());
          push(
              nowNanos + latency(node, peer) + conditions.detectionNanos(), node.index, loss(peer));
        }
      }
    }
  }

  // Time

  /** Lets so much time pass. */
  public void run(long nanos) {
    long end = nowNanos + nanos;
    while (!queue.isEmpty() && queue.peek().atNanos <= end) {
      tick();
    }
    nowNanos = end;
  }

  /** Lets time pass in steps until it is so, at most this long; says how long it took, or -1. */
  public long runUntil(java.util.function.BooleanSupplier condition, long stepNanos, long atMost) {
    long start = nowNanos;
    while (!condition.getAsBoolean()) {
      if (nowNanos - start >= atMost) {
        return -1;
      }
      run(stepNanos);
    }
    return nowNanos - start;
  }

  /** Lets so many times the longest latency pass. */
  public void runTrips(int trips) {
    run(trips * conditions.maxLatencyNanos());
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Messages that arrived so far. */
  public long messages() {
    return messages;
  }

  // Bootstrapping and rounds

  /** So many nodes, all but the first joining the first at once; then 20 trips. */
  public Swarm bootstrapSingle(int count) {
    return bootstrapStaggered(count, 0);
  }

  /** The same with time between the joins. */
  public Swarm bootstrapStaggered(int count, long gapNanos) {
    join(add());
    for (int i = 1; i < count; i++) {
      run(gapNanos);
      join(add(), 0);
    }
    runTrips(20);
    return this;
  }

  /** A message of each of these nodes at once. */
  public Round round(int[] senders, String name) {
    Map<String, Integer> said = new HashMap<>();
    payloads = 0;
    told.clear();
    long start = nowNanos;
    int living = living().size();
    long expected = (long) senders.length * (living - 1);
    for (int sender : senders) {
      String text = name + "." + sender;
      said.put(text, said.size());
      broadcast(sender, text);
    }
    long delivered = 0;
    int lastHop = 0;
    Map<Integer, BitSet> seen = new HashMap<>();
    boolean more = true;
    while (delivered < expected && more) {
      more = !queue.isEmpty() && queue.peek().atNanos <= start + ROUND_NANOS;
      if (more) {
        tick();
      }
      for (Told next = told.poll(); next != null; next = told.poll()) {
        if (next.event instanceof GossipOutput.Received received) {
          Integer which = said.get(new String(received.content(), StandardCharsets.UTF_8));
          if (received.scope() instanceof DeliveryScope.Swarm(int hops)) {
            lastHop = Math.max(lastHop, hops);
          }
          if (which != null) {
            BitSet own = seen.computeIfAbsent(next.node, any -> new BitSet());
            if (own.get(which)) {
              throw new AssertionError("node " + next.node + " was told twice");
            }
            own.set(which);
            delivered++;
          }
        }
      }
    }
    if (delivered < expected) {
      nowNanos = start + ROUND_NANOS;
    }
    double redundancy = payloads / (delivered - 1.0) - 1;
    return new Round(redundancy, lastHop, expected - delivered, (nowNanos - start) / 1e6);
  }

  /** One message of one node. */
  public Round round(int sender, String name) {
    return round(new int[] {sender}, name);
  }

  /** Says something in the whole swarm. */
  public void broadcast(int node, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    input(nodes.get(node), new GossipInput.Broadcast(TOPIC, content, false));
  }

  // What can be seen

  /** A node that lives. */
  public int randomNode() {
    List<Integer> living = living();
    return living.get(random.nextInt(living.size()));
  }

  public List<Integer> living() {
    return nodes.stream().filter(node -> node.alive).map(node -> node.index).toList();
  }

  public GossipState state(int node) {
    return nodes.get(node).state;
  }

  /** The neighbours of a node, by number. */
  public Set<Integer> neighbors(int node) {
    Set<Integer> numbers = new HashSet<>();
    state(node).neighbors(TOPIC).forEach(id -> numbers.add(numberOf(id)));
    return numbers;
  }

  /** What nodes told their applications since the last time. */
  public List<Told> takeTold() {
    List<Told> all = List.copyOf(told);
    told.clear();
    return all;
  }

  /** The number of a node. */
  public int numberOf(EndpointId id) {
    SwarmNode node = byId.get(id);
    if (node == null) {
      throw new IllegalArgumentException("no node " + id);
    }
    return node.index;
  }

  /** Pairs of which only one takes the other for a neighbour. */
  public int oneSidedLinks() {
    int count = 0;
    for (int node : living()) {
      for (int other : neighbors(node)) {
        count += nodes.get(other).alive && !neighbors(other).contains(node) ? 1 : 0;
      }
    }
    return count;
  }

  /** Living nodes that have no living neighbour, or that no living node has as one. */
  public List<Integer> lonely() {
    Set<Integer> named = new HashSet<>();
    Set<Integer> naming = new HashSet<>();
    for (int node : living()) {
      for (int other : neighbors(node)) {
        if (nodes.get(other).alive) {
          named.add(other);
          naming.add(node);
        }
      }
    }
    return living().stream().filter(n -> !named.contains(n) || !naming.contains(n)).toList();
  }

  /** Parts of the swarm that have no link to each other, counting only links both ways. */
  public int components(IntPredicate counted) {
    Set<Integer> left = new HashSet<>(living());
    left.removeIf(node -> !counted.test(node));
    int components = 0;
    while (!left.isEmpty()) {
      components++;
      Queue<Integer> reached = new ArrayDeque<>();
      Integer first = left.iterator().next();
      left.remove(first);
      reached.add(first);
      for (Integer node = reached.poll(); node != null; node = reached.poll()) {
        for (int other : neighbors(node)) {
          if (left.contains(other) && neighbors(other).contains(node)) {
            left.remove(other);
            reached.add(other);
          }
        }
      }
    }
    return components;
  }

  /** Neighbours of a node, in the mean. */
  public double meanNeighbors() {
    return living().stream().mapToInt(node -> neighbors(node).size()).average().orElse(0);
  }

  // The machine

  private void tick() {
    Event event = queue.poll();
    nowNanos = event.atNanos;
    SwarmNode node = nodes.get(event.node);
    if (!node.alive) {
      return;
    }
    switch (event.what) {
      case Arrival(int from, Message message) -> {
        SwarmNode sender = nodes.get(from);
        if (sender.alive && sender.side == node.side) {
          node.links.add(from);
          sender.links.add(node.index);
        }
        messages++;
        payloads += message instanceof Message.Gossip ? 1 : 0;
        input(node, new GossipInput.Received(sender.id, TOPIC, message));
      }
      case Loss(int peer) -> {
        // On a real network a connection that was made meanwhile counts.
        if (conditions.detectionNanos() == 0 || !node.links.contains(peer)) {
          input(node, new GossipInput.PeerDisconnected(idOf(peer)));
        }
      }
      case Wake() -> {
        if (node.wakeNanos == nowNanos) {
          node.wakeNanos = Long.MAX_VALUE;
          perform(node, node.state.onTimeout(nowNanos));
        }
      }
      case Mischief() -> misbehave(node);
    }
  }

  private void misbehave(SwarmNode node) {
    Misbehavior misbehavior = node.misbehavior;
    if (misbehavior != null) {
      for (EndpointId peer : node.state.neighbors(TOPIC)) {
        misbehavior.everySecond().forEach(message -> transmit(node, peer, message));
      }
      push(nowNanos + SECOND, node.index, new Mischief());
    }
  }

  private void input(SwarmNode node, GossipInput input) {
    perform(node, node.state.on(input, nowNanos));
  }

  private void perform(SwarmNode node, List<GossipOutput> outputs) {
    List<SwarmNode> released = new ArrayList<>();
    for (GossipOutput output : outputs) {
      switch (output) {
        case GossipOutput.Send(EndpointId to, TopicId _, Message message) -> {
          Misbehavior misbehavior = node.misbehavior;
          if (misbehavior == null) {
            transmit(node, to, message);
          } else {
            misbehavior.instead(to, message).forEach(other -> transmit(node, to, other));
          }
        }
        case GossipOutput.Release(EndpointId peer) -> {
          SwarmNode other = byId.get(peer);
          if (conditions.brokenByRelease() && other != null) {
            released.add(other);
          }
        }
        case GossipOutput.Learned _ -> {}
        case GossipOutput.Event event -> told.add(new Told(node.index, event));
      }
    }
    released.forEach(other -> breakLink(node, other, 0));
    long next = node.state.nextTimeoutNanos();
    if (next < node.wakeNanos) {
      node.wakeNanos = Math.max(next, nowNanos);
      push(node.wakeNanos, node.index, new Wake());
    }
  }

  private void transmit(SwarmNode from, EndpointId to, Message message) {
    SwarmNode node = byId.get(to);
    if (node == null || !node.alive || node.side != from.side) {
      int peer = node == null ? -1 : node.index;
      if (conditions.dialFailureNanos() > 0 && peer >= 0 && !from.links.contains(peer)) {
        push(nowNanos + conditions.dialFailureNanos(), from.index, new Loss(peer));
      }
      return;
    }
    if (conditions.loss() > 0 && random.nextDouble() < conditions.loss()) {
      return;
    }
    push(nowNanos + latency(from, node), node.index, new Arrival(from.index, message));
  }

  /** The other end hears of it a microsecond after what was sent before. */
  private void breakLink(SwarmNode from, SwarmNode to, long detectionNanos) {
    boolean linked = from.links.remove(to.index);
    if (to.links.remove(from.index) || linked) {
      long at = nowNanos + latency(from, to) + MICROSECOND + detectionNanos;
      push(at, to.index, loss(from));
    }
  }

  private static Loss loss(SwarmNode node) {
    return new Loss(node.index);
  }

  /** One value for each pair, drawn by hashing it with the seed. */
  private long latency(SwarmNode a, SwarmNode b) {
    long min = conditions.minLatencyNanos();
    long span = conditions.maxLatencyNanos() - min;
    long pair = ((long) Math.min(a.index, b.index) << 32) | Math.max(a.index, b.index);
    long drawn = span == 0 ? 0 : new SplittableRandom(latencySeed ^ pair * 31).nextLong(span);
    return min + drawn + a.slowNanos + b.slowNanos;
  }

  private void push(long atNanos, int node, Happening what) {
    queue.add(new Event(atNanos, sequence++, node, what));
  }

  private static synchronized EndpointId idOf(int index) {
    while (IDS.size() <= index) {
      byte[] secret = new byte[Hash.LENGTH];
      for (int i = 0; i < Integer.BYTES; i++) {
        secret[i] = (byte) (IDS.size() >>> (Byte.SIZE * i));
      }
      secret[Hash.LENGTH - 1] = 1;
      IDS.add(SecretKey.of(secret).id());
    }
    return IDS.get(index);
  }
}
