package org.veilor.seed.gossip.topic;

/** Lets so many things happen at once, and so many a second after that. */
final class TokenBucket {
  private static final double NANOS = 1e9;

  private final int burst;
  private final int perSecond;
  private double tokens;
  private long filledNanos;

  TokenBucket(int burst, int perSecond, long nowNanos) {
    this.burst = burst;
    this.perSecond = perSecond;
    this.tokens = burst;
    this.filledNanos = nowNanos;
  }

  boolean take(long nowNanos) {
    double gained = Math.max(0, nowNanos - filledNanos) / NANOS * perSecond;
    tokens = Math.min(burst, tokens + gained);
    filledNanos = nowNanos;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
