package org.veilor.seed.store;

import org.jspecify.annotations.Nullable;

/**
 * How the store is.
 *
 * @param bytes of all blobs, each counted once
 * @param openLeases blobs that are being read
 * @param openFiles channels that are open
 * @param waitingChanges changes that wait for the next group commit
 * @param lastError last failure, a sentence, or null
 * @param rebuilt when and why the database had to be rebuilt, or null if it never was
 */
public record StoreStats(
    long blobs,
    long bytes,
    long outboardBytes,
    long paths,
    long collections,
    int refusals,
    int openLeases,
    int openFiles,
    int waitingChanges,
    @Nullable String lastError,
    @Nullable String rebuilt) {}
