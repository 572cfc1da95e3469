package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * The gossip of one node: HyParView and PlumTree for each topic it joined, as a function of input
 * and time ({@code state.rs}). Topics share nothing but the connections to peers. Not safe for use
 * by several threads.
 */
public final class GossipState {
  private final EndpointId self;
  private final GossipConfig config;
  private final RandomGenerator random;
  private final Map<TopicId, Topic> topics = new HashMap<>();
  private final TimerQueue timers = new TimerQueue();
  private final MessageCache.NodeBytes nodeBytes = new MessageCache.NodeBytes();
  private final PeerUses uses;
  private PeerData ownData;

  /**
   * A node in no topic.
   *
   * @param ownData what others are to know of us, for dialling
   */
  public GossipState(
      EndpointId self, PeerData ownData, GossipConfig config, RandomGenerator random) {
    this.self = self;
    this.ownData = ownData;
    this.config = config;
    this.random = random;
    this.uses = new PeerUses(config.hardening());
  }

  /**
   * Something happened. What concerns a topic that is not joined is ignored.
   *
   * @return what to do, in this order
   * @throws IllegalArgumentException if content to be broadcast is too long; nothing was done then
   */
  public List<GossipOutput> on(GossipInput input, long nowNanos) {
    List<GossipOutput> outputs = new ArrayList<>();
    switch (input) {
      case GossipInput.Join(TopicId id, List<EndpointId> contacts) -> {
        topics.computeIfAbsent(id, absent -> newTopic(absent, nowNanos));
        with(id, outputs, nowNanos, (topic, turn) -> topic.join(contacts, turn));
      }
      case GossipInput.Quit(TopicId id) -> {
        with(id, outputs, nowNanos, Topic::quit);
        topics.remove(id);
      }
      case GossipInput.Broadcast(TopicId id, byte[] content, boolean onlyNeighbors) -> {
        check(content);
        with(id, outputs, nowNanos, (topic, turn) -> topic.broadcast(content, onlyNeighbors, turn));
      }
      case GossipInput.Received message -> onReceived(message, outputs, nowNanos);
      case GossipInput.PeerDisconnected(EndpointId peer) ->
          withAll(outputs, nowNanos, (topic, turn) -> topic.peerDisconnected(peer, turn));
      case GossipInput.OwnData(PeerData data) -> {
        ownData = data;
        withAll(outputs, nowNanos, (topic, turn) -> topic.ownData(data, turn));
      }
    }
    addReleases(outputs, input instanceof GossipInput.PeerDisconnected gone ? gone.peer() : null);
    return outputs;
  }

  /** Does what is due; harmless if nothing is. */
  public List<GossipOutput> onTimeout(long nowNanos) {
    List<GossipOutput> outputs = new ArrayList<>();
    TimerQueue.Due due = timers.poll(nowNanos);
    while (due != null) {
      due.topic().on(due.timer(), new Turn(due.topic(), uses, timers, outputs, nowNanos));
      due = timers.poll(nowNanos);
    }
    addReleases(outputs, null);
    return outputs;
  }

  /** When {@link #onTimeout} is to be called at the latest; {@link Long#MAX_VALUE} if never. */
  public long nextTimeoutNanos() {
    return timers.nextNanos();
  }

  /** The topics that are joined. */
  public Set<TopicId> topics() {
    return Set.copyOf(topics.keySet());
  }

  /** The neighbours in a topic; none if it is not joined. */
  public Set<EndpointId> neighbors(TopicId id) {
    Topic topic = topics.get(id);
    return topic == null ? Set.of() : Set.copyOf(topic.views().active().toList());
  }

  /** Peers that may become neighbours. */
  public Set<EndpointId> passivePeers(TopicId id) {
    Topic topic = topics.get(id);
    return topic == null ? Set.of() : Set.copyOf(topic.views().passive().toList());
  }

  /** Neighbours that are sent payloads unasked. */
  public Set<EndpointId> eagerPeers(TopicId id) {
    Topic topic = topics.get(id);
    return topic == null ? Set.of() : Set.copyOf(topic.tree().eager());
  }

  /** Neighbours that are told ids only. */
  public Set<EndpointId> lazyPeers(TopicId id) {
    Topic topic = topics.get(id);
    return topic == null ? Set.of() : Set.copyOf(topic.tree().lazy());
  }

  /** Former and present neighbours, eldest first: contacts for the next start. Hardened only. */
  public List<EndpointId> knownGoodPeers(TopicId id) {
    Topic topic = topics.get(id);
    return topic == null ? List.of() : topic.views().requests().knownGood();
  }

  /** How a peer can be reached, as far as any topic knows. */
  public Optional<PeerData> peerData(EndpointId peer) {
    return topics.values().stream()
        .flatMap(topic -> Optional.ofNullable(topic.views().book().get(peer)).stream())
        .findFirst();
  }

  /** How a topic stands; empty if it is not joined. */
  public Optional<TopicReport> report(TopicId id, long nowNanos) {
    return Optional.ofNullable(topics.get(id)).map(topic -> TopicReport.of(topic, nowNanos));
  }

  private Topic newTopic(TopicId id, long nowNanos) {
    return new Topic(id, self, ownData, config, random, nodeBytes, nowNanos);
  }

  private void onReceived(GossipInput.Received input, List<GossipOutput> outputs, long nowNanos) {
    if (topics.containsKey(input.topic())) {
      uses.heard(input.from(), input.topic());
      with(
          input.topic(),
          outputs,
          nowNanos,
          (topic, turn) -> topic.received(input.from(), input.message(), turn));
    }
  }

  private static void check(byte[] content) {
    if (content.length > GossipLimits.MAX_CONTENT_BYTES) {
      throw new IllegalArgumentException(
          "a message has at most "
              + GossipLimits.MAX_CONTENT_BYTES
              + " bytes, not "
              + content.length);
    }
  }

  private void with(
      TopicId id, List<GossipOutput> outputs, long nowNanos, BiConsumer<Topic, Turn> action) {
    Topic topic = topics.get(id);
    if (topic != null) {
      action.accept(topic, new Turn(topic, uses, timers, outputs, nowNanos));
    }
  }

  private void withAll(List<GossipOutput> outputs, long nowNanos, BiConsumer<Topic, Turn> action) {
    for (Topic topic : topics.values()) {
      action.accept(topic, new Turn(topic, uses, timers, outputs, nowNanos));
    }
  }

  private void addReleases(List<GossipOutput> outputs, @Nullable EndpointId gone) {
    for (EndpointId peer : uses.takeReleased()) {
      if (!peer.equals(gone)) {
        outputs.add(new GossipOutput.Release(peer));
      }
    }
  }
}
