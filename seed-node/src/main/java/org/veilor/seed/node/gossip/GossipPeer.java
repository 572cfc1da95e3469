package org.veilor.seed.node.gossip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;

/**
 * A peer with its connections: all are read, and the newest one is written to (gossip.md §1.6). On
 * the event loop.
 */
final class GossipPeer {
  private final EndpointId id;
  private final Patience patience;
  private final SendQueue queue = new SendQueue();

  /** That which is written to comes last: the newest, unless the peer was followed. */
  private final List<GossipLink> links = new ArrayList<>(1);

  private final TokenBucket received;
  private boolean isDialling;
  private long usedNanos;

  /** Since when messages wait and none is taken; meaningless while none waits. */
  private long waitingNanos;

  GossipPeer(EndpointId id, Patience patience, long nowNanos) {
    this.id = id;
    this.patience = patience;
    this.received =
        new TokenBucket(
            NetworkLimits.RECEIVED_BYTES_PER_SECOND, NetworkLimits.RECEIVED_BURST_BYTES, nowNanos);
    this.usedNanos = nowNanos;
  }

  EndpointId id() {
    return id;
  }

  SendQueue queue() {
    return queue;
  }

  boolean isDialling() {
    return isDialling;
  }

  void dialling(boolean is) {
    isDialling = is;
  }

  boolean isConnected() {
    return !links.isEmpty();
  }

  List<GossipLink> links() {
    return List.copyOf(links);
  }

  private @Nullable GossipLink newest() {
    return links.isEmpty() ? null : links.getLast();
  }

  /** A new connection is there; the oldest is closed if there are too many. */
  void add(GossipLink link, long nowNanos) {
    GossipLink before = newest();
    if (before != null) {
      before.retire();
    }
    links.add(link);
    usedNanos = nowNanos;
    waitingNanos = nowNanos;
    if (links.size() > NetworkLimits.MAX_CONNECTIONS_PER_PEER) {
      links.getFirst().close("too many connections");
    }
  }

  void remove(GossipLink link) {
    links.remove(link);
  }

  /** Queues a message; answers how many gave way. */
  int add(SendQueue.Entry entry, long nowNanos) {
    if (queue.isEmpty()) {
      waitingNanos = nowNanos;
    }
    usedNanos = nowNanos;
    return queue.add(entry);
  }

  /** A frame came; answers whether the peer may send that much. */
  boolean onFrame(GossipLink link, int sizeBytes, long nowNanos) {
    usedNanos = nowNanos;
    link.heard(nowNanos);
    return received.take(sizeBytes, nowNanos);
  }

  /** Sends what can be sent; answers whether something has to wait for room. */
  boolean flush(long nowNanos) {
    GossipLink link = newest();
    if (link == null) {
      return false;
    }
    if (link.send(queue)) {
      waitingNanos = nowNanos;
    }
    return !queue.isEmpty();
  }

  /** Whether a connection exists that takes nothing. */
  boolean isStalled(long nowNanos) {
    return isConnected() && !queue.isEmpty() && nowNanos - waitingNanos > patience.stalledNanos();
  }

  /** Whether nothing was sent nor received for long. */
  boolean isIdle(long nowNanos) {
    return queue.isEmpty() && !isDialling && nowNanos - usedNanos > patience.idleNanos();
  }

  /**
   * Writes on the connection that the peer writes on: after both have dialled at once, each may
   * have found another one to be the newest. Only one of the two may follow the other.
   */
  void followPeer(EndpointId self, long nowNanos) {
    GossipLink newest = newest();
    if (newest == null || links.size() == 1 || self.compareTo(id) > 0) {
      return;
    }
    GossipLink used = Collections.max(links, Comparator.comparingLong(GossipLink::heardNanos));
    if (!used.equals(newest)
        && used.hasSpoken()
        && nowNanos - newest.heardNanos() > patience.oldConnectionNanos()) {
      newest.retire();
      links.remove(used);
      links.add(used);
    }
  }

  /**
   * Closes connections beside that which is used, once the peer has used that alone for a while. To
   * close the one that a Rust node sends on would be a loss of the neighbour in all topics.
   */
  void closeOld(long nowNanos) {
    GossipLink used = newest();
    for (GossipLink link : links()) {
      if (used != null
          && !link.equals(used)
          && used.hasSpoken()
          && used.heardNanos() > link.heardNanos()
          && nowNanos - link.heardNanos() > patience.oldConnectionNanos()) {
        link.close("another connection is in use");
      }
    }
  }
}
