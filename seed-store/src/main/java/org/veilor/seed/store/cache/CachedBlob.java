package org.veilor.seed.store.cache;

import org.veilor.seed.core.hash.Hash;

/**
 * What is known of a blob in the cache.
 *
 * @param sizeBytes of the blob; of a partial one without a proven size, as claimed
 * @param accountedBytes of the budget that it holds; while it is written, the whole reservation
 * @param presentBytes how much of it is here
 * @param isBeingWritten whether it has a writer now
 * @param accesses counted, at most {@link CacheLimits#ACCESSES}
 * @param leases readers it has now
 */
public record CachedBlob(
    Hash hash,
    long sizeBytes,
    long accountedBytes,
    long presentBytes,
    boolean isBeingWritten,
    boolean isPinned,
    long lastAccessMillis,
    int accesses,
    int leases) {
  /** Whether all of it is here and committed. */
  public boolean isComplete() {
    return presentBytes == sizeBytes && !isBeingWritten;
  }
}
