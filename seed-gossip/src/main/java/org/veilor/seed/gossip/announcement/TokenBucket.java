package org.veilor.seed.gossip.announcement;

/** Lets through a burst, then so many per second; time may go backwards, then it stands still. */
public final class TokenBucket {
  /** Parts of a token: so many milliseconds as a second has. */
  private static final long SCALE = 1000;

  private final long capacity;
  private final long perSecond;
  private long tokens;
  private long filledAtMillis;

  /** Full at first. */
  public TokenBucket(int burst, int perSecond, long nowMillis) {
    capacity = burst * SCALE;
    this.perSecond = perSecond;
    tokens = capacity;
    filledAtMillis = nowMillis;
  }

  /** Whether nothing is let through now. */
  public boolean isEmpty(long nowMillis) {
    long elapsedMillis = Math.clamp(nowMillis - filledAtMillis, 0L, capacity);
    tokens = Math.min(capacity, tokens + elapsedMillis * perSecond);
    filledAtMillis = nowMillis;
    return tokens < SCALE;
  }

  /** To be called when it is not empty. */
  public void take() {
    tokens -= SCALE;
  }
}
