package org.veilor.seed.store.cache;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the cache is. Counters are since the start.
 *
 * @param usedBytes allocated and reserved
 * @param freeBytes of the file system, -1 if it cannot be told
 * @param completeBlobs committed ones
 * @param partialBlobs others, {@code writers} of them being written
 * @param leases of readers
 * @param hits openings of a blob that was here
 * @param misses openings of one that was not
 * @param commits blobs that became complete
 * @param notKept refusals by reason
 * @param removed blobs by reason
 * @param removedBytes of the budget, by reason
 * @param isDiskFull whether nothing new is kept because the disk is full
 * @param lastError last failure, a sentence, or null
 */
public record CacheStats(
    long maxBytes,
    long minFreeBytes,
    long usedBytes,
    long freeBytes,
    int completeBlobs,
    int partialBlobs,
    int writers,
    int pinnedBlobs,
    int leases,
    long hits,
    long misses,
    long commits,
    Map<Opening.Reason, Long> notKept,
    Map<Removal, Long> removed,
    Map<Removal, Long> removedBytes,
    boolean isDiskFull,
    @Nullable String lastError) {}
