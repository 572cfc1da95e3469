package org.veilor.seed.gossip.simulator;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.topic.GossipState;

/** A node of a {@link Swarm}. */
final class SwarmNode {
  final int index;
  final EndpointId id;
  final GossipState state;
  final Set<Integer> links = new HashSet<>();
  @Nullable Misbehavior misbehavior;
  boolean alive = true;
  int side;
  long slowNanos;
  long wakeNanos = Long.MAX_VALUE;

  SwarmNode(int index, EndpointId id, GossipState state) {
    this.index = index;
    this.id = id;
    this.state = state;
  }
}
