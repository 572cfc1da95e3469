package org.veilor.seed.node.gossip;

import org.veilor.seed.gossip.topic.GossipOutput;

/** Who is told what happens in a topic. */
@FunctionalInterface
public interface GossipListener {
  /**
   * Something happened, in order. Called on the endpoint's event loop: must not block, and hands
   * over what takes time. It may call the network.
   */
  void onEvent(GossipOutput.Event event);
}
