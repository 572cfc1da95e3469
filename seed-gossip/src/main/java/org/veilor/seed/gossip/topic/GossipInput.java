package org.veilor.seed.gossip.topic;

import java.util.List;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.TopicId;

/** What can happen to a node's gossip; time passes apart from it. */
public sealed interface GossipInput {
  /**
   * The application enters a topic, or names more contacts.
   *
   * @param contacts who may be in it; none is fine, then others have to come
   */
  record Join(TopicId topic, List<EndpointId> contacts) implements GossipInput {
    /** Copies the list. */
    public Join {
      contacts = List.copyOf(contacts);
    }
  }

  /** The application leaves a topic. */
  record Quit(TopicId topic) implements GossipInput {}

  /**
   * The application says something.
   *
   * @param content at most {@code GossipLimits.MAX_CONTENT_BYTES}, not to be changed any more
   * @param onlyNeighbors whether it goes to eager neighbours only and stays there
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Broadcast(TopicId topic, byte[] content, boolean onlyNeighbors) implements GossipInput {}

  /** A message came. */
  record Received(EndpointId from, TopicId topic, Message message) implements GossipInput {}

  /** The last connection to a peer ended, or none could be made. */
  record PeerDisconnected(EndpointId peer) implements GossipInput {}

  /** What others are to know of us has changed; it is told with future messages. */
  record OwnData(PeerData data) implements GossipInput {}
}
