package org.veilor.seed.gossip.topic;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Which peers the topics of a node need a connection to.
 *
 * <p>Hardened, that is counted: a peer is released when no topic wants it, however many did. As in
 * iroh-gossip ({@code state.rs:319}), the first topic that is done with a peer detaches it for all.
 */
final class PeerUses {
  private final boolean counted;
  private final Map<EndpointId, Integer> counts = new HashMap<>();
  private final Map<EndpointId, Set<TopicId>> speakers = new HashMap<>();
  private final Set<EndpointId> candidates = new LinkedHashSet<>();

  PeerUses(boolean counted) {
    this.counted = counted;
  }

  /** A topic got a message of the peer. */
  void heard(EndpointId peer, TopicId topic) {
    if (!counted) {
      speakers.computeIfAbsent(peer, any -> new LinkedHashSet<>()).add(topic);
    }
  }

  /** A topic needs the peer; to be undone by {@link #drop} as often. */
  void hold(EndpointId peer) {
    if (counted) {
      counts.merge(peer, 1, Integer::sum);
    }
  }

  void drop(EndpointId peer) {
    if (counted && counts.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1) == null) {
      candidates.add(peer);
    }
  }

  /** A topic has nothing to do with the peer; says whether that ends it for all at once. */
  boolean release(EndpointId peer, TopicId topic) {
    if (counted) {
      candidates.add(peer);
      return false;
    }
    Set<TopicId> topics = speakers.get(peer);
    if (topics != null && (topics.remove(topic) || topics.isEmpty())) {
      speakers.remove(peer);
      return true;
    }
    return false;
  }

  /** Whom nobody needs after what happened in this turn. */
  List<EndpointId> takeReleased() {
    if (candidates.isEmpty()) {
      return List.of();
    }
    List<EndpointId> released = candidates.stream().filter(p -> !counts.containsKey(p)).toList();
    candidates.clear();
    return released;
  }

  /** How many peers are needed. */
  int size() {
    return counts.size();
  }
}
