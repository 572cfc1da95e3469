package org.veilor.seed.store.cache;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** A blob in the index. Its fields belong to {@link CacheIndex}, but for those that say more. */
final class CacheEntry {
  /** What it is. */
  enum State {
    /** In: from WRITING, or found at the start. Out: WRITING, LEAVING. */
    PARTIAL,
    /** In: new, or from PARTIAL. Out: PARTIAL, COMPLETE, LEAVING, or gone. */
    WRITING,
    /** In: from WRITING, or found at the start. Out: LEAVING. */
    COMPLETE,
    /** Hidden; its files are deleted when the last lease ends. In: all others. Out: gone. */
    LEAVING
  }

  final Hash hash;

  /** Changed by the writer when the size was claimed wrong, with {@link #generation}. */
  volatile long sizeBytes;

  /** Counts how often it started anew. Changed by the writer. */
  volatile int generation;

  volatile State state;

  /** What is present; null if everything. Changed by the writer, under its lock. */
  volatile @Nullable Bitfield bitfield;

  /** The writer, as long as it has pairs that are not in the file. */
  volatile @Nullable PartialFile writer;

  /** The writer ended and nothing of it stays: readers that are still open fail. */
  volatile boolean givenUp;

  /** Why the writer must stop. */
  volatile @Nullable Removal condemned;

  long accountedBytes;
  long writtenBytes;
  int leases;
  long lastAccessMillis;
  int accesses;
  boolean stuck;

  CacheEntry(Hash hash, long sizeBytes, State state) {
    this.hash = hash;
    this.sizeBytes = sizeBytes;
    this.state = state;
  }

  synchronized void nextGeneration() {
    generation++;
  }

  /** Whether peers may be told of it: complete, or partial with a proven size. */
  boolean isVisible() {
    Bitfield present = bitfield;
    return switch (state) {
      case COMPLETE -> true;
      case PARTIAL, WRITING ->
          condemned == null && present != null && present.isSizeProven() && !present.isEmpty();
      case LEAVING -> false;
    };
  }
}
