package org.veilor.seed.node.announce;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** Words of all providers on all blobs that are remembered: some 20 MB. */
  public static final int MAX_CLAIMS = 100_000;

  /** Providers that are remembered, with their addresses: some 3 KB each at worst. */
  public static final int MAX_KNOWN_PROVIDERS = 10_000;

  /** Services in which one of them said so. */
  public static final int MAX_SERVICES = 8;

  /** How long a word counts that is not repeated: 24 hours. */
  public static final long EXPIRY_MILLIS = 24 * 3_600_000L;

  /**
   * Somebody's word that it holds a blob.
   *
   * @param services where it said so
   * @param heardAtMillis when it said so last, since 1970
   */
  public record Claim(EndpointAddr addr, Set<ServiceKey> services, long heardAtMillis) {
    /** Copies the services. */
    public Claim {
      services = Set.copyOf(services);
    }
  }

  /** Whom and where; the latest word on where it is counts for all that it holds. */
  private static final class Provider {
    private EndpointAddr addr;
    private int claims;

    Provider(EndpointAddr addr) {
      this.addr = addr;
    }
  }

  private record Entry(Provider provider, Map<ServiceKey, Long> untilMillis) {}

  private final LinkedHashMap<Hash, LinkedHashMap<EndpointId, Entry>> byHash =
      new LinkedHashMap<>(64, 0.75f, true);

  private final Map<EndpointId, Provider> providers = new HashMap<>();
  private int claims;

  /**
   * Somebody holds these.
   *
   * @param service on whose topic it was said
   */
  public synchronized void put(
      EndpointAddr addr, Collection<Hash> hashes, ServiceKey service, long nowMillis) {
    for (Hash hash : hashes) {
      LinkedHashMap<EndpointId, Entry> holders =
          byHash.computeIfAbsent(hash, absent -> new LinkedHashMap<>(2));
      Entry before = holders.get(addr.id());
      Map<ServiceKey, Long> until = new HashMap<>(before == null ? Map.of() : before.untilMillis());
      if (until.size() >= MAX_SERVICES && !until.containsKey(service)) {
        until.clear();
      }
      until.put(service, nowMillis + EXPIRY_MILLIS);
      remove(addr.id(), holders); // to the end
      holders.put(addr.id(), new Entry(claimed(addr), Map.copyOf(until)));
      if (holders.size() > MAX_PROVIDERS) {
        remove(holders.firstEntry().getKey(), holders);
      }
    }
    while (byHash.size() > MAX_BLOBS
        || claims > MAX_CLAIMS
        || providers.size() > MAX_KNOWN_PROVIDERS) {
      Map<EndpointId, Entry> eldest = byHash.pollFirstEntry().getValue();
      List.copyOf(eldest.keySet()).forEach(id -> remove(id, eldest));
    }
  }

  private Provider claimed(EndpointAddr addr) {
    Provider provider = providers.computeIfAbsent(addr.id(), id -> new Provider(addr));
    if (!addr.addrs().isEmpty()) {
      provider.addr = addr;
    }
    provider.claims++;
    claims++;
    return provider;
  }

  private boolean remove(EndpointId id, Map<EndpointId, Entry> holders) {
    Entry gone = holders.remove(id);
    if (gone == null) {
      return false;
    }
    claims--;
    gone.provider().claims--;
    if (gone.provider().claims == 0) {
      providers.remove(id);
    }
    return true;
  }

  /** Somebody does not hold these any more. */
  public synchronized void remove(EndpointId id, Collection<Hash> hashes) {
    for (Hash hash : hashes) {
      Map<EndpointId, Entry> holders = byHash.get(hash);
      if (holders != null && remove(id, holders) && holders.isEmpty()) {
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
    LinkedHashMap<EndpointId, Entry> holders = byHash.get(hash);
    if (holders == null) {
      return List.of();
    }
    List<Claim> found = new ArrayList<>();
    for (EndpointId id : List.copyOf(holders.keySet())) {
      Entry entry = Objects.requireNonNull(holders.get(id));
      Set<ServiceKey> services = new HashSet<>();
      long last = 0;
      for (Map.Entry<ServiceKey, Long> said : entry.untilMillis().entrySet()) {
        if (said.getValue() > nowMillis) {
          services.add(said.getKey());
          last = Math.max(last, said.getValue());
        }
      }
      if (services.isEmpty()) {
        remove(id, holders);
      } else {
        found.addFirst(new Claim(entry.provider().addr, services, last - EXPIRY_MILLIS));
      }
    }
    if (holders.isEmpty()) {
      byHash.remove(hash);
    }
    return found;
  }

  /** How many blobs are known to be somewhere. */
  public synchronized int size() {
    return byHash.size();
  }

  /** How many words are remembered. */
  synchronized int claims() {
    return claims;
  }

  /** How many providers are known. */
  synchronized int providers() {
    return providers.size();
  }
}
