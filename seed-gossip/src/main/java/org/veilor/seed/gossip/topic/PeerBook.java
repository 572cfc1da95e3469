package org.veilor.seed.gossip.topic;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.PeerData;

/**
 * What is known of how peers can be reached.
 *
 * <p>Hardened, what a peer says of itself outweighs for a while what others say of it, and the
 * eldest entries of peers that are in no view give way to new ones.
 */
final class PeerBook {
  private record Entry(PeerData data, boolean direct, long atNanos) {}

  private final boolean hardened;
  private final LinkedHashMap<EndpointId, Entry> entries = new LinkedHashMap<>();

  PeerBook(boolean hardened) {
    this.hardened = hardened;
  }

  @Nullable PeerData get(EndpointId peer) {
    Entry entry = entries.get(peer);
    return entry == null ? null : entry.data;
  }

  void remove(EndpointId peer) {
    entries.remove(peer);
  }

  int size() {
    return entries.size();
  }

  /**
   * Keeps it, if there is anything.
   *
   * @param direct whether the peer itself said it
   * @return whether it is news
   */
  boolean store(EndpointId peer, @Nullable PeerData data, boolean direct, long nowNanos) {
    if (data == null || (hardened && data.sizeBytes() > TopicLimits.MAX_PEER_DATA_BYTES)) {
      return false;
    }
    Entry old = entries.get(peer);
    boolean same = old != null && old.data.equals(data);
    boolean keepsOld =
        hardened
            && old != null
            && old.direct
            && !direct
            && nowNanos - old.atNanos < TopicLimits.DIRECT_DATA_NANOS;
    if (!keepsOld) {
      entries.put(peer, new Entry(data, direct, nowNanos));
    }
    return !same && data.sizeBytes() > 0;
  }

  /** Makes room again after new entries, sparing those that are kept. */
  void trim(Predicate<EndpointId> kept) {
    if (!hardened || entries.size() <= TopicLimits.MAX_PEER_DATA) {
      return;
    }
    Iterator<EndpointId> peers = entries.keySet().iterator();
    while (peers.hasNext() && entries.size() > TopicLimits.MAX_PEER_DATA) {
      if (!kept.test(peers.next())) {
        peers.remove();
      }
    }
  }
}
