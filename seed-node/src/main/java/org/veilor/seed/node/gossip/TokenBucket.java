package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.SECONDS;

/** So many a second, and a burst after a pause. */
final class TokenBucket {
  private final double perSecond;
  private final double burst;
  private double tokens;
  private long filledNanos;

  TokenBucket(long perSecond, long burst, long nowNanos) {
    this.perSecond = (double) perSecond;
    this.burst = (double) burst;
    this.tokens = this.burst;
    this.filledNanos = nowNanos;
  }

  /** Takes so many, or none. */
  boolean take(long count, long nowNanos) {
    double seconds = (double) (nowNanos - filledNanos) / SECONDS.toNanos(1);
    double fresh = seconds * perSecond;
    tokens = Math.min(burst, tokens + fresh);
    filledNanos = nowNanos;
    if (tokens < (double) count) {
      return false;
    }
    tokens -= (double) count;
    return true;
  }
}
