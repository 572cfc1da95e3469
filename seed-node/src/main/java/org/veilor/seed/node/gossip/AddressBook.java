package org.veilor.seed.node.gossip;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.GossipLimits;

/**
 * Where peers are. What the application says is kept apart from what others say, so that nobody
 * displaces it; of each, the peers heard of last are kept. Nothing expires: with iroh-gossip a
 * passive view cannot be dialled any more after five minutes (gossip.md W4).
 */
final class AddressBook {
  private static final SequencedSet<TransportAddr> NONE =
      Collections.unmodifiableSequencedSet(new LinkedHashSet<>());

  private final Map<EndpointId, SequencedSet<TransportAddr>> trusted;
  private final Map<EndpointId, SequencedSet<TransportAddr>> learned;

  AddressBook() {
    this(NetworkLimits.MAX_TRUSTED_PEERS, NetworkLimits.MAX_LEARNED_PEERS);
  }

  AddressBook(int maxTrustedPeers, int maxLearnedPeers) {
    this.trusted = bounded(maxTrustedPeers);
    this.learned = bounded(maxLearnedPeers);
  }

  private static Map<EndpointId, SequencedSet<TransportAddr>> bounded(int size) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(
          Map.Entry<EndpointId, SequencedSet<TransportAddr>> eldest) {
        return size() > size;
      }
    };
  }

  /** The application knows. */
  void trust(EndpointAddr addr) {
    add(trusted, addr.id(), addr.addrs());
  }

  /** Somebody says so, or it was seen there. */
  void learn(EndpointId peer, List<? extends TransportAddr> addrs) {
    add(learned, peer, addrs);
  }

  /** The latest come last, and push out the oldest. */
  private static void add(
      Map<EndpointId, SequencedSet<TransportAddr>> book,
      EndpointId peer,
      List<? extends TransportAddr> addrs) {
    if (addrs.isEmpty()) {
      return;
    }
    SequencedSet<TransportAddr> known = book.computeIfAbsent(peer, _ -> new LinkedHashSet<>());
    for (TransportAddr addr : addrs) {
      known.remove(addr);
      known.add(addr);
    }
    while (known.size() > GossipLimits.MAX_ADDRESSES) {
      known.removeFirst();
    }
  }

  /** Whether the application named the peer. */
  boolean isTrusted(EndpointId peer) {
    return trusted.containsKey(peer);
  }

  /** All that is known. */
  EndpointAddr find(EndpointId peer) {
    Set<TransportAddr> all = new LinkedHashSet<>();
    all.addAll(trusted.getOrDefault(peer, NONE));
    all.addAll(learned.getOrDefault(peer, NONE));
    return EndpointAddr.of(peer, all);
  }
}
