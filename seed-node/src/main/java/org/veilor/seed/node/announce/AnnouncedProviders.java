package org.veilor.seed.node.announce;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.service.ServiceKey;

/** Who said lately that it holds what. Any thread. */
public final class AnnouncedProviders {
  /** Blobs that are remembered; those asked and told of longest ago are forgotten first. */
  public static final int MAX_BLOBS = 50_000;

  /** Providers of one blob that are remembered. */
  public static final int MAX_PROVIDERS = 8;

  /** Services in which one of them said so. */
  public static final int MAX_SERVICES = 8;

  /** How long a word counts that is not repeated: 24 hours. */
  public static final long EXPIRY_MILLIS = 24 * 3_600_000L;

  /**
   * Somebody's word that it holds a blob.
   *
   * @param services where it said so
   */
  public record Claim(EndpointAddr addr, Set<ServiceKey> services) {
    /** Copies the services. */
    public Claim {
      services = Set.copyOf(services);
    }
  }

  private record Entry(EndpointAddr addr, Map<ServiceKey, Long> untilMillis) {}

  private final LinkedHashMap<Hash, LinkedHashMap<EndpointId, Entry>> byHash =
      new LinkedHashMap<>(64, 0.75f, true);

  /**
   * Somebody holds these.
   *
   * @param service on whose topic it was said
   */
  public synchronized void put(
      EndpointAddr addr, Collection<Hash> hashes, ServiceKey service, long nowMillis) {
    for (Hash hash : hashes) {
      LinkedHashMap<EndpointId, Entry> providers =
          byHash.computeIfAbsent(hash, absent -> new LinkedHashMap<>());
      Entry before = providers.remove(addr.id()); // to the end
      Map<ServiceKey, Long> until = before == null ? new HashMap<>() : before.untilMillis();
      if (until.size() >= MAX_SERVICES && !until.containsKey(service)) {
        until.clear();
      }
      until.put(service, nowMillis + EXPIRY_MILLIS);
      providers.put(addr.id(), new Entry(addr, until));
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
  public List<EndpointAddr> find(Hash hash, long nowMillis) {
    return claims(hash, nowMillis).stream().map(Claim::addr).toList();
  }

  /** As {@link #find}, with where it was said. */
  public synchronized List<Claim> claims(Hash hash, long nowMillis) {
    Map<EndpointId, Entry> providers = byHash.get(hash);
    if (providers == null) {
      return List.of();
    }
    for (Entry entry : providers.values()) {
      entry.untilMillis().values().removeIf(until -> until <= nowMillis);
    }
    providers.values().removeIf(entry -> entry.untilMillis().isEmpty());
    List<Claim> found = new ArrayList<>();
    providers
        .values()
        .forEach(entry -> found.addFirst(new Claim(entry.addr(), entry.untilMillis().keySet())));
    return found;
  }

  /** How many blobs are known to be somewhere. */
  public synchronized int size() {
    return byHash.size();
  }
}
