package org.veilor.seed.gossip.topic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;

/** Messages that peers say they have and we have not, and who said so, in order. */
final class MissingMessages {
  /** Somebody has it, and it would come in this round. */
  record Source(EndpointId peer, int round) {}

  private record Entry(long sinceNanos, Deque<Source> sources) {}

  private final boolean bounded;
  private final LinkedHashMap<Hash, Entry> entries = new LinkedHashMap<>();
  private final Map<EndpointId, Integer> counts = new HashMap<>();

  MissingMessages(boolean bounded) {
    this.bounded = bounded;
  }

  /** Notes a source; false if there is no room for it. */
  boolean add(Hash id, Source source, long nowNanos) {
    Entry entry = entries.get(id);
    if (bounded
        && (counts.getOrDefault(source.peer, 0) >= TopicLimits.MAX_MISSING_OF_PEER
            || (entry == null && entries.size() >= TopicLimits.MAX_MISSING))) {
      return false;
    }
    if (entry == null) {
      entry = new Entry(nowNanos, new ArrayDeque<>(2));
      entries.put(id, entry);
    }
    entry.sources.add(source);
    counts.merge(source.peer, 1, Integer::sum);
    return true;
  }

  /**
   * The first source of a message, taken out. A message without sources stays, as in iroh-gossip;
   * bounded it goes, lest invented ones take the room of others.
   */
  @Nullable Source pollSource(Hash id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return null;
    }
    Source source = entry.sources.poll();
    if (source != null) {
      uncount(source.peer);
    }
    if (bounded && entry.sources.isEmpty()) {
      entries.remove(id);
    }
    return source;
  }

  /**
   * Forgets a message.
   *
   * @return the first source with the smallest round, or null if there was none
   */
  @Nullable Source remove(Hash id) {
    Entry entry = entries.remove(id);
    if (entry == null) {
      return null;
    }
    Source best = null;
    for (Source source : entry.sources) {
      uncount(source.peer);
      if (best == null || source.round < best.round) {
        best = source;
      }
    }
    return best;
  }

  /** Forgets what a peer said. */
  void removePeer(EndpointId peer) {
    if (counts.remove(peer) == null) {
      return;
    }
    Iterator<Entry> all = entries.values().iterator();
    while (all.hasNext()) {
      Entry entry = all.next();
      if (entry.sources.removeIf(source -> source.peer.equals(peer)) && entry.sources.isEmpty()) {
        all.remove();
      }
    }
  }

  /** Forgets what has been missing for too long. */
  void expire(long nowNanos) {
    Map.Entry<Hash, Entry> first = entries.firstEntry();
    while (bounded
        && first != null
        && nowNanos - first.getValue().sinceNanos >= TopicLimits.MISSING_NANOS) {
      remove(first.getKey());
      first = entries.firstEntry();
    }
  }

  /** Whether this peer has said that it has the message. */
  boolean isNamedBy(Hash id, EndpointId peer) {
    Entry entry = entries.get(id);
    return entry != null && entry.sources.stream().anyMatch(source -> source.peer.equals(peer));
  }

  boolean contains(Hash id) {
    return entries.containsKey(id);
  }

  int size() {
    return entries.size();
  }

  private void uncount(EndpointId peer) {
    counts.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1);
  }
}
