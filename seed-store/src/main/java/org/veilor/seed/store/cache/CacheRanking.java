package org.veilor.seed.store.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.veilor.seed.core.hash.Hash;

/**
 * Which blob is coldest: Caffeine's window TinyLFU, which ranks and never evicts.
 *
 * <p>Its own bound refuses large newcomers and lets the disk overshoot, so it is one and a half
 * times the budget and never reached (docs/decisions/cache-budget.md). Weights are in KiB, because
 * Caffeine adds {@code int}s. Only what may be evicted is in here: nothing that is pinned or being
 * written.
 */
final class CacheRanking {
  private static final int UNIT_BYTES = 1024;

  private final Cache<Hash, CacheEntry> cache;
  private final Policy.Eviction<Hash, CacheEntry> eviction;

  /** Creates the ranking of blobs of at most {@code maxBytes} together. */
  CacheRanking(long maxBytes) {
    cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bound(maxBytes))
            .weigher((Hash _, CacheEntry entry) -> weight(entry.accountedBytes))
            .build();
    eviction = cache.policy().eviction().orElseThrow();
  }

  private static long bound(long maxBytes) {
    return Math.max(1, maxBytes / 2 * 3 / UNIT_BYTES);
  }

  private static int weight(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
  }

  /** The blobs may have {@code maxBytes} together from now on. */
  void setMaxBytes(long maxBytes) {
    eviction.setMaximum(bound(maxBytes));
  }

  /** Ranks the entry, whose accounted bytes must not change while it is ranked. */
  void add(CacheEntry entry) {
    cache.put(entry.hash, entry);
  }

  void touch(Hash hash) {
    var _ = cache.getIfPresent(hash);
  }

  void remove(Hash hash) {
    cache.invalidate(hash);
  }

  long size() {
    cache.cleanUp();
    return cache.estimatedSize();
  }

  /** The coldest entries that may go, until they hold {@code bytes} together or all are named. */
  List<CacheEntry> coldest(long bytes, Predicate<CacheEntry> mayGo) {
    return eviction.coldest(entries -> {
      List<CacheEntry> named = new ArrayList<>();
      long found = 0;
      Iterator<CacheEntry> candidates =
          entries.map(entry -> entry.getValue()).filter(mayGo).iterator();
      while (found < bytes && candidates.hasNext()) {
        CacheEntry next = candidates.next();
        named.add(next);
        found += next.accountedBytes;
      }
      return named;
    });
  }
}
