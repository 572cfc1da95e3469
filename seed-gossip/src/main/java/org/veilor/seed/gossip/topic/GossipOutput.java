package org.veilor.seed.gossip.topic;

import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;

/** What a node's gossip wants done, in order. */
public sealed interface GossipOutput {
  /** Send a message; dial if there is no connection. */
  record Send(EndpointId to, TopicId topic, Message message) implements GossipOutput {}

  /** No topic needs a connection to this peer any more; what was to be sent still goes out. */
  record Release(EndpointId peer) implements GossipOutput {}

  /** How a peer can be reached, as it or somebody else says. Unchecked: anybody says anything. */
  record Learned(EndpointId peer, PeerData data) implements GossipOutput {}

  /** For the application. */
  sealed interface Event extends GossipOutput {
    TopicId topic();
  }

  /** There is a new neighbour; or one joined again, because it has forgotten what it knew. */
  record NeighborUp(TopicId topic, EndpointId peer) implements Event {}

  /** A neighbour is none any more. */
  record NeighborDown(TopicId topic, EndpointId peer) implements Event {}

  /**
   * Somebody said something.
   *
   * @param content not to be changed
   * @param scope as received: round 0 is straight from its author
   * @param deliveredFrom the last hop, not the author
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Received(TopicId topic, byte[] content, DeliveryScope scope, EndpointId deliveredFrom)
      implements Event {}
}
