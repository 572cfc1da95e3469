package org.veilor.seed.node.announce;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;

/** Who said lately that it holds what. Any thread. */
public final class AnnouncedProviders {
  /** Blobs that are remembered; those asked and told of longest ago are forgotten first. */
  public static final int MAX_BLOBS = 50_000;

  /** Providers of one blob that are remembered. */
  public static final int MAX_PROVIDERS = 8;

  /** How long a word counts that is not repeated: 24 hours. */
  public static final long EXPIRY_MILLIS = 24 * 3_600_000L;

  private record Entry(EndpointAddr addr, long untilMillis) {}

  private final LinkedHashMap<Hash, LinkedHashMap<EndpointId, Entry>> byHash =
      new LinkedHashMap<>(64, 0.75f, true);

  /** Somebody holds these. */
  public synchronized void put(EndpointAddr addr, Collection<Hash> hashes, long nowMillis) {
    for (Hash hash : hashes) {
      LinkedHashMap<EndpointId, Entry> providers =
          byHash.computeIfAbsent(hash, absent -> new LinkedHashMap<>());
      providers.remove(addr.id()); // to the end
      providers.put(addr.id(), new Entry(addr, nowMillis + EXPIRY_MILLIS));
      if (providers.size() > MAX_PROVIDERS) {
        providers.remove(providers.firstEntry().getKey());
      }
    }
    while (byHash.size() > MAX_BLOBS) {
      byHash.pollFirstEntry();
    }
  }

  /** Somebody does not hold these any more. */
  public synchronized void remove(EndpointId id, Collection<Hash> hashes) {
    for (Hash hash : hashes) {
      Map<EndpointId, Entry> providers = byHash.get(hash);
      if (providers != null && providers.remove(id) != null && providers.isEmpty()) {
        byHash.remove(hash);
      }
    }
  }

  /** Who holds a blob, the latest word first. */
  public synchronized List<EndpointAddr> find(Hash hash, long nowMillis) {
    Map<EndpointId, Entry> providers = byHash.get(hash);
    if (providers == null) {
      return List.of();
    }
    providers.values().removeIf(entry -> entry.untilMillis() <= nowMillis);
    List<EndpointAddr> found = new ArrayList<>();
    providers.values().forEach(entry -> found.addFirst(entry.addr()));
    return found;
  }

  /** How many blobs are known to be somewhere. */
  public synchronized int size() {
    return byHash.size();
  }
}
