package org.veilor.seed.gossip.topic;

import java.util.List;
import java.util.random.RandomGenerator;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;

/** One topic: who is in it ({@link HyParView}), and what goes through it ({@link PlumTree}). */
final class Topic {
  private final TopicId id;
  private final PeerBudgets budgets;
  private final HyParView views;
  private final PlumTree tree;
  private boolean closed;

  Topic(
      TopicId id,
      EndpointId self,
      PeerData ownData,
      GossipConfig config,
      RandomGenerator random,
      MessageCache.NodeBytes nodeBytes,
      long nowNanos) {
    this.id = id;
    this.budgets = new PeerBudgets(config.hardening());
    this.views = new HyParView(self, ownData, config, random, budgets, nowNanos);
    this.tree = new PlumTree(config, views.active()::contains, budgets, nodeBytes);
  }

  TopicId id() {
    return id;
  }

  boolean isClosed() {
    return closed;
  }

  HyParView views() {
    return views;
  }

  PlumTree tree() {
    return tree;
  }

  PeerBudgets budgets() {
    return budgets;
  }

  void join(List<EndpointId> contacts, Turn turn) {
    int before = turn.outputs().size();
    contacts.forEach(contact -> views.join(contact, turn));
    tellTree(before, turn);
  }

  void quit(Turn turn) {
    views.quit(turn);
    tree.close();
    closed = true;
  }

  void broadcast(byte[] content, boolean onlyNeighbors, Turn turn) {
    tree.broadcast(content, onlyNeighbors, turn);
  }

  void received(EndpointId from, Message message, Turn turn) {
    int before = turn.outputs().size();
    switch (message) {
      case Message.Membership membership -> views.on(from, membership, turn);
      case Message.Broadcast broadcast -> {
        views.heardBroadcast(from, broadcast, turn);
        tree.on(from, broadcast, turn);
      }
    }
    tellTree(before, turn);
  }

  void peerDisconnected(EndpointId peer, Turn turn) {
    int before = turn.outputs().size();
    views.peerDisconnected(peer, turn);
    tree.neighborDown(peer, turn.nowNanos());
    tellTree(before, turn);
  }

  void ownData(PeerData data, Turn turn) {
    views.ownData(data, turn);
  }

  void on(TopicTimer timer, Turn turn) {
    int before = turn.outputs().size();
    switch (timer) {
      case TopicTimer.Membership membership -> views.on(membership, turn);
      case TopicTimer.Broadcast broadcast -> tree.on(broadcast, turn);
    }
    tellTree(before, turn);
  }

  /** The tree hears of neighbours after the views are done with an input ({@code topic.rs:301}). */
  private void tellTree(int from, Turn turn) {
    List<GossipOutput> outputs = turn.outputs();
    for (int i = from; i < outputs.size(); i++) {
      switch (outputs.get(i)) {
        case GossipOutput.NeighborUp(TopicId _, EndpointId peer) -> tree.neighborUp(peer, turn);
        case GossipOutput.NeighborDown(TopicId _, EndpointId peer) ->
            tree.neighborDown(peer, turn.nowNanos());
        case GossipOutput.Send _, GossipOutput.Release _ -> {}
        case GossipOutput.Learned _, GossipOutput.Received _ -> {}
      }
    }
  }
}
