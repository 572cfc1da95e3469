package org.veilor.seed.node.gossip;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.gossip.protocol.TopicId;

/** Topics as whoever announces in them sees them. Any thread. */
public interface TopicNetwork {
  /** Tells others with future messages where this endpoint is. */
  void setOwnAddress(EndpointAddr own);

  /**
   * Enters a topic, or asks more contacts.
   *
   * @param contacts who may be in it; none is fine, then others have to come
   * @param listener who is told from now on, instead of an earlier one; of neighbours that are
   *     there already at once
   */
  void join(TopicId topic, List<EndpointAddr> contacts, GossipListener listener);

  /**
   * Says something to everybody in the topic. Lost without neighbours; the same bytes again within
   * 90 s reach nobody.
   *
   * @throws IllegalArgumentException if it is longer than {@link
   *     org.veilor.seed.gossip.protocol.GossipLimits#MAX_CONTENT_BYTES}
   */
  void broadcast(TopicId topic, byte[] content);

  /**
   * Says something to the neighbours, who do not pass it on, as often as it is said.
   *
   * @throws IllegalArgumentException as {@link #broadcast}
   */
  void broadcastNeighbors(TopicId topic, byte[] content);

  /** Neighbours of now, then of before, the latest first, with what is known of where they are. */
  CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic);

  /**
   * Leaves a topic, saying so to the neighbours.
   *
   * @return completed when they know, or after 5 s
   */
  CompletableFuture<Void> leave(TopicId topic);
}
