package org.veilor.seed.store;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.veilor.seed.core.hash.Hash;

/** How many readers each blob has: what a dropped blob needs stays until the last one closes. */
final class Leases {
  private final ConcurrentHashMap<Hash, Integer> readers = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();

  void acquire(Hash hash) {
    readers.merge(hash, 1, Integer::sum);
    open.incrementAndGet();
  }

  /** Returns whether that was the last lease of the blob. */
  boolean release(Hash hash) {
    open.decrementAndGet();
    return readers.computeIfPresent(hash, (_, count) -> count == 1 ? null : count - 1) == null;
  }

  boolean isFree(Hash hash) {
    return !readers.containsKey(hash);
  }

  int open() {
    return open.get();
  }
}
