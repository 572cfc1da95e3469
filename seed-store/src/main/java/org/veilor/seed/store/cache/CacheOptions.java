package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What a cache takes from its surroundings.
 *
 * @param maxBytes the budget: allocated bytes of everything below the folder
 * @param minFreeBytes what the cache leaves free on its file system
 * @param clock for the ranking and the memory of first requests
 * @param largestPercent share of the budget above which a blob is not kept, unless it is pinned
 * @param secondRequestPercent share above which it must be asked for twice, unless it is pinned
 */
public record CacheOptions(
    long maxBytes,
    long minFreeBytes,
    InstantSource clock,
    int largestPercent,
    int secondRequestPercent) {
  private static final long LEAST_MIN_FREE = 1L << 30;
  private static final int MIN_FREE_PART = 20;

  /** Checks the figures. */
  public CacheOptions {
    if (maxBytes < 0 || minFreeBytes < 0) {
      throw new IllegalArgumentException("negative: " + maxBytes + " or " + minFreeBytes);
    }
    if (largestPercent < 0
        || largestPercent > 100
        || secondRequestPercent < 0
        || secondRequestPercent > 100) {
      throw new IllegalArgumentException(
          "percent: " + largestPercent + " or " + secondRequestPercent);
    }
  }

  /** The system's clock and the usual shares. */
  public static CacheOptions of(long maxBytes, long minFreeBytes) {
    return new CacheOptions(
        maxBytes,
        minFreeBytes,
        InstantSource.system(),
        CacheLimits.LARGEST_PERCENT,
        CacheLimits.SECOND_REQUEST_PERCENT);
  }

  /**
   * What should stay free when nobody says otherwise: 1 GiB, or 5 % of a larger file system.
   *
   * @param existing a file or folder on it
   */
  public static long defaultMinFreeBytes(Path existing) throws IOException {
    FileStore store = Files.getFileStore(existing);
    return Math.max(LEAST_MIN_FREE, store.getTotalSpace() / MIN_FREE_PART);
  }
}
