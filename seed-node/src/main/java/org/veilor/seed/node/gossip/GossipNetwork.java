package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.AddrInfo;
import org.veilor.seed.gossip.protocol.FrameWriter;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.gossip.topic.GossipInput;
import org.veilor.seed.gossip.topic.GossipOutput;
import org.veilor.seed.gossip.topic.GossipState;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.ProtocolHandler;

/**
 * iroh-gossip on an endpoint: accepted under {@link GossipLimits#ALPN}, started when the endpoint
 * is there.
 *
 * <pre>{@code
 * GossipNetwork gossip = new GossipNetwork(key.id(), GossipConfig.hardened(), new SecureRandom());
 * IrohEndpoint endpoint = IrohEndpoint.builder(key).accept(GossipLimits.ALPN, gossip).start();
 * gossip.start(endpoint, ownAddress);
 * gossip.join(topic, contacts, event -> ...);
 * }</pre>
 *
 * <p>All of it, state machines included, lives on the endpoint's event loop, so that a message
 * costs no change of threads. What happens in one turn there, such as the messages of one read, is
 * flushed at its end, so that small messages share writes and packets. Nothing waits for a peer:
 * each has a bounded queue (gossip.md W1).
 *
 * <p>The endpoint should allow peers {@link #TOPIC_STREAMS} unidirectional streams. All methods may
 * be called from anywhere.
 */
public final class GossipNetwork implements TopicNetwork, ProtocolHandler, AutoCloseable {
  /**
   * Topics that a connection can carry towards us. A Rust node never ends a stream of a topic: with
   * the 100 streams that it allows us, it would wait for ever with its hundred and first.
   */
  public static final int TOPIC_STREAMS = 512;

  private static final Logger log = LoggerFactory.getLogger(GossipNetwork.class);

  private final EndpointId self;
  private final Patience patience;
  private final GossipState state;
  private final GossipCounters counters = new GossipCounters();
  private final PeerTable peers;
  private volatile @Nullable IrohEndpoint endpoint;

  /** The rest on the event loop only. */
  private final Map<TopicId, GossipListener> listeners = new HashMap<>();

  private final ArrayDeque<Runnable> actions = new ArrayDeque<>();
  private final ArrayDeque<GossipOutput.Event> events = new ArrayDeque<>();
  private boolean isInTurn;
  private long housekeepingNanos;
  private boolean isClosed;
  private @Nullable Future<?> timer;
  private long timerNanos = Long.MAX_VALUE;

  /**
   * A node that has joined nothing.
   *
   * @param random for the choices of the protocol; nobody should be able to predict it
   */
  public GossipNetwork(EndpointId self, GossipConfig config, RandomGenerator random) {
    this(self, config, random, Patience.usual());
  }

  GossipNetwork(EndpointId self, GossipConfig config, RandomGenerator random, Patience patience) {
    this.self = self;
    this.patience = patience;
    this.state = new GossipState(self, AddrInfo.empty().toPeerData(), config, random);
    this.peers = new PeerTable(self, patience, new TableOwner(), counters);
    this.housekeepingNanos = System.nanoTime();
  }

  /**
   * Begins to dial; the endpoint accepts for this network already.
   *
   * @param own what others are to know of this endpoint
   */
  public void start(IrohEndpoint opened, EndpointAddr own) {
    endpoint = opened;
    onLoop(() -> peers.start(opened));
    setOwnAddress(own);
  }

  @Override
  public void setOwnAddress(EndpointAddr own) {
    AddrInfo info = new AddrInfo(own.relayUrl(), own.ipAddrs());
    onLoop(() -> feed(new GossipInput.OwnData(info.toPeerData())));
  }

  /** Remembers where a peer is, should others name it without saying so. */
  public void know(EndpointAddr peer) {
    onLoop(() -> peers.trust(peer));
  }

  @Override
  public void join(TopicId topic, List<EndpointAddr> contacts, GossipListener listener) {
    onLoop(() -> {
      listeners.put(topic, listener);
      contacts.forEach(peers::trust);
      if (state.topics().contains(topic)) {
        state
            .neighbors(topic)
            .forEach(peer -> events.add(new GossipOutput.NeighborUp(topic, peer)));
      }
      List<EndpointId> ids =
          contacts.stream().map(EndpointAddr::id).filter(id -> !id.equals(self)).toList();
      feed(new GossipInput.Join(topic, ids));
    });
  }

  @Override
  public void broadcast(TopicId topic, byte[] content) {
    broadcast(topic, content, false);
  }

  @Override
  public void broadcastNeighbors(TopicId topic, byte[] content) {
    broadcast(topic, content, true);
  }

  private void broadcast(TopicId topic, byte[] content, boolean onlyNeighbors) {
    if (content.length > GossipLimits.MAX_CONTENT_BYTES) {
      throw new IllegalArgumentException(
          "a message has at most "
              + GossipLimits.MAX_CONTENT_BYTES
              + " bytes, not "
              + content.length);
    }
    byte[] copy = content.clone();
    onLoop(() -> feed(new GossipInput.Broadcast(topic, copy, onlyNeighbors)));
  }

  @Override
  public CompletableFuture<Void> leave(TopicId topic) {
    CompletableFuture<Void> left = new CompletableFuture<>();
    onLoop(() -> {
      listeners.remove(topic);
      List<CompletableFuture<Void>> farewells = feed(new GossipInput.Quit(topic));
      var _ =
          CompletableFuture.allOf(farewells.toArray(CompletableFuture[]::new))
              .completeOnTimeout(null, patience.farewellNanos(), NANOSECONDS)
              .thenAccept(left::complete);
    });
    return left;
  }

  /** The neighbours in a topic; nobody if it was not joined. */
  public CompletableFuture<Set<EndpointId>> neighbors(TopicId topic) {
    CompletableFuture<Set<EndpointId>> answer = new CompletableFuture<>();
    onLoop(() -> answer.complete(neighborsOf(topic)));
    return answer;
  }

  @Override
  public CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic) {
    CompletableFuture<List<EndpointAddr>> answer = new CompletableFuture<>();
    onLoop(() -> {
      Set<EndpointId> known = new LinkedHashSet<>(neighborsOf(topic));
      known.addAll(state.knownGoodPeers(topic).reversed());
      answer.complete(known.stream().map(peers::find).toList());
    });
    return answer;
  }

  /** The topics joined. */
  public CompletableFuture<Set<TopicId>> topics() {
    CompletableFuture<Set<TopicId>> answer = new CompletableFuture<>();
    onLoop(() -> answer.complete(state.topics()));
    return answer;
  }

  /** Peers with a connection. */
  public CompletableFuture<Integer> connectedPeers() {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    onLoop(() -> answer.complete(peers.connectedPeers()));
    return answer;
  }

  /** Connections of all peers; more than peers for a while after both sides dialled. */
  CompletableFuture<Integer> connections() {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    onLoop(() -> answer.complete(peers.connections()));
    return answer;
  }

  /** Figures since the start, the first ten under iroh-gossip's names. */
  public Map<String, Long> counters() {
    return counters.toMap();
  }

  /**
   * Leaves every topic and closes every connection; the endpoint must still be open, if any was.
   */
  @Override
  public void close() {
    if (endpoint != null) {
      leaveAll();
      onLoop(() -> {
        isClosed = true;
        peers.close();
      });
    }
  }

  private void leaveAll() {
    CompletableFuture<Void> left =
        topics()
            .thenCompose(topics ->
                CompletableFuture.allOf(
                    topics.stream().map(this::leave).toArray(CompletableFuture[]::new)));
    try {
      left.get(2 * patience.farewellNanos(), NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("not all neighbours were told that this node leaves", e);
    }
  }

  @Override
  public void onConnection(PeerConnection connection) {
    inTurn(() -> peers.adopt(connection));
  }

  private Set<EndpointId> neighborsOf(TopicId topic) {
    return state.topics().contains(topic) ? state.neighbors(topic) : Set.of();
  }

  /** From any thread. */
  private void onLoop(Runnable action) {
    IrohEndpoint opened = endpoint;
    if (opened == null) {
      throw new IllegalStateException("start the network first");
    }
    opened.onLoop(() -> inTurn(action));
  }

  /** What an action brings about while another runs, runs after it. */
  private void inTurn(Runnable action) {
    actions.add(action);
    if (isInTurn) {
      return;
    }
    isInTurn = true;
    try {
      while (!actions.isEmpty() || !events.isEmpty()) {
        for (Runnable next = actions.poll(); next != null; next = actions.poll()) {
          next.run();
        }
        peers.flush();
        tellEvents();
      }
    } finally {
      isInTurn = false;
      scheduleTimer();
    }
  }

  private void tellEvents() {
    for (GossipOutput.Event event = events.poll(); event != null; event = events.poll()) {
      GossipListener listener = listeners.get(event.topic());
      if (listener != null) {
        try {
          listener.onEvent(event);
        } catch (RuntimeException e) {
          log.error("a listener of topic {} failed", event.topic().shortText(), e);
        }
      }
    }
  }

  private List<CompletableFuture<Void>> feed(GossipInput input) {
    return obey(state.on(input, System.nanoTime()));
  }

  /** Answers with the farewells among what is sent. */
  private List<CompletableFuture<Void>> obey(List<GossipOutput> outputs) {
    List<CompletableFuture<Void>> farewells = new ArrayList<>(0);
    for (GossipOutput output : outputs) {
      switch (output) {
        case GossipOutput.Send(EndpointId to, TopicId topic, Message message) ->
            send(to, topic, message, farewells::add);
        case GossipOutput.Release _ -> {} // housekeeping closes what is idle
        case GossipOutput.Learned learned -> peers.learn(learned.peer(), learned.data());
        case GossipOutput.Event event -> onEvent(event);
      }
    }
    return farewells;
  }

  private void send(
      EndpointId to, TopicId topic, Message message, Consumer<CompletableFuture<Void>> farewells) {
    Optional<byte[]> frame = FrameWriter.message(message);
    if (frame.isEmpty()) {
      counters.oversize.increment();
      return;
    }
    SendQueue.Entry entry = new SendQueue.Entry(topic, message, frame.get());
    CompletableFuture<Void> farewell = entry.farewell();
    if (farewell != null) {
      farewells.accept(farewell);
    }
    peers.send(to, entry);
  }

  private void onEvent(GossipOutput.Event event) {
    switch (event) {
      case GossipOutput.NeighborUp _ -> counters.neighborUp.increment();
      case GossipOutput.NeighborDown _ -> counters.neighborDown.increment();
      case GossipOutput.Received _ -> {}
    }
    events.add(event);
  }

  private final class TableOwner implements PeerTable.Owner {
    @Override
    public void inTurn(Runnable action) {
      GossipNetwork.this.inTurn(action);
    }

    @Override
    public long nowNanos() {
      return System.nanoTime();
    }

    @Override
    public void onMessage(EndpointId from, TopicId topic, Message message) {
      feed(new GossipInput.Received(from, topic, message));
    }

    @Override
    public void onGone(EndpointId peer) {
      feed(new GossipInput.PeerDisconnected(peer));
    }
  }

  /** Only an earlier deadline touches the timer; a later one is seen when the timer fires. */
  private void scheduleTimer() {
    IrohEndpoint opened = endpoint;
    if (opened == null || isClosed) {
      return;
    }
    long now = System.nanoTime();
    long next = Math.min(state.nextTimeoutNanos(), housekeepingNanos);
    if (peers.hasBacklog()) {
      next = Math.min(next, now + NetworkLimits.BACKLOG_NANOS);
    }
    if (next >= timerNanos) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerNanos = next;
    timer = opened.onLoopAfter(Math.max(0, next - now), this::onTimer);
  }

  private void onTimer() {
    timer = null;
    timerNanos = Long.MAX_VALUE;
    if (isClosed) {
      return;
    }
    inTurn(() -> {
      long now = System.nanoTime();
      obey(state.onTimeout(now));
      peers.retryBacklog();
      if (now >= housekeepingNanos) {
        housekeepingNanos = now + patience.checkNanos();
        Set<EndpointId> neighbors = new HashSet<>();
        state.topics().forEach(topic -> neighbors.addAll(state.neighbors(topic)));
        peers.housekeep(neighbors);
      }
    });
  }
}
