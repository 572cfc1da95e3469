package org.veilor.seed.gossip.topic;

import java.util.List;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;

/** One input being handled by one topic: what time it is, and where to put what is wanted. */
final class Turn {
  private final Topic topic;
  private final PeerUses uses;
  private final TimerQueue timers;
  private final List<GossipOutput> outputs;
  private final long nowNanos;

  Turn(Topic topic, PeerUses uses, TimerQueue timers, List<GossipOutput> outputs, long nowNanos) {
    this.topic = topic;
    this.uses = uses;
    this.timers = timers;
    this.outputs = outputs;
    this.nowNanos = nowNanos;
  }

  long nowNanos() {
    return nowNanos;
  }

  void send(EndpointId to, Message message) {
    outputs.add(new GossipOutput.Send(to, topic.id(), message));
  }

  void schedule(long delayNanos, TopicTimer timer) {
    timers.add(nowNanos + delayNanos, topic, timer);
  }

  void learned(EndpointId peer, PeerData data) {
    outputs.add(new GossipOutput.Learned(peer, data));
  }

  void neighborUp(EndpointId peer) {
    outputs.add(new GossipOutput.NeighborUp(topic.id(), peer));
  }

  void neighborDown(EndpointId peer) {
    outputs.add(new GossipOutput.NeighborDown(topic.id(), peer));
  }

  void received(byte[] content, DeliveryScope scope, EndpointId from) {
    outputs.add(new GossipOutput.Received(topic.id(), content, scope, from));
  }

  /** This topic needs a connection to the peer, until {@link #drop}. */
  void hold(EndpointId peer) {
    uses.hold(peer);
  }

  void drop(EndpointId peer) {
    uses.drop(peer);
  }

  /** This topic wants nothing of the peer any more. */
  void release(EndpointId peer) {
    if (uses.release(peer, topic.id())) {
      outputs.add(new GossipOutput.Release(peer));
    }
  }

  /** What was put out so far. */
  List<GossipOutput> outputs() {
    return outputs;
  }
}
