package org.veilor.seed.node.download;

import java.util.HashMap;
import java.util.Map;

/**
 * A rate that takers share: as long as together they stay below it nobody waits; above it each
 * waits for what it took beyond its equal share. Each may run a quarter of a second ahead.
 */
final class RateLimit<K> {
  private static final double SECOND_NANOS = 1e9;
  private static final long BURST_NANOS = 250_000_000;

  private final long bytesPerSecond;
  private final Map<K, Long> nextFree = new HashMap<>();
  private long allNextFree = Long.MIN_VALUE;

  /** A limit; {@link Long#MAX_VALUE} for none. */
  RateLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Takes so many bytes; returns how long the taker must wait before it takes more. */
  synchronized long take(K taker, int bytes, long nowNanos) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return 0;
    }
    double nanosEach = SECOND_NANOS / bytesPerSecond;
    allNextFree = Math.max(allNextFree, nowNanos - BURST_NANOS) + (long) (bytes * nanosEach);
    long own = Math.max(nextFree.getOrDefault(taker, Long.MIN_VALUE), nowNanos - BURST_NANOS);
    nextFree.put(taker, own);
    own += (long) (bytes * nanosEach * nextFree.size());
    long all = allNextFree - nowNanos;
    if (all <= 0) {
      nextFree.put(taker, nowNanos);
      return 0;
    }
    // Nobody owes more than all together do, or a rest of it would be lost.
    own = Math.min(own, nowNanos + 2 * all);
    nextFree.put(taker, own);
    return Math.max(0, own - nowNanos);
  }

  /** A taker has gone. */
  synchronized void leave(K taker) {
    nextFree.remove(taker);
  }

  /** Whether nobody takes of it. */
  synchronized boolean isIdle() {
    return nextFree.isEmpty();
  }
}
