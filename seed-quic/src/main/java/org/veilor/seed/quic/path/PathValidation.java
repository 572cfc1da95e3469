package org.veilor.seed.quic.path;

import org.veilor.seed.quic.RandomSource;

/**
 * One run of path validation (RFC 9000 §8.2): challenges until a response carries the same 64 bits,
 * or until it is given up after three PTOs.
 */
public final class PathValidation {
  /** Challenges sent before the run can only be ended by its deadline. */
  private static final int MAX_CHALLENGES = 12;

  /** Room for a packet with nothing but a challenge. */
  private static final int MIN_CREDIT_BYTES = 64;

  private final Route route;
  private final long[] challenges = new long[MAX_CHALLENGES];
  private final long intervalNanos;
  private final long maxIntervalNanos;
  private final long deadlineNanos;
  private int sent;
  private long nextChallengeNanos;

  /**
   * Starts a run.
   *
   * @param intervalNanos time between the first challenges
   * @param ptoNanos the larger of the current probe timeout and that of a path about which nothing
   *     is known: RFC 9000 §8.2.4 gives up after three of them
   */
  public PathValidation(Route route, long intervalNanos, long ptoNanos, long nowNanos) {
    this.route = route;
    this.intervalNanos = intervalNanos;
    this.maxIntervalNanos = Math.max(intervalNanos, ptoNanos / 2);
    this.deadlineNanos = nowNanos + 3 * ptoNanos;
    this.nextChallengeNanos = nowNanos;
  }

  /** The route being validated. */
  public Route route() {
    return route;
  }

  /** Whether a challenge is due. */
  public boolean wantsToSend(long nowNanos) {
    return sent < MAX_CHALLENGES
        && nowNanos >= nextChallengeNanos
        && route.amplificationCreditBytes() >= MIN_CREDIT_BYTES;
  }

  /** The next challenge, unpredictable and different each time. */
  public long nextChallenge(RandomSource random, long nowNanos) {
    long challenge = random.nextLong();
    challenges[sent++] = challenge;
    // Ever rarer, so that a short outage does not swallow all of them.
    long pause = Math.min(intervalNanos << (sent - 1), maxIntervalNanos);
    nextChallengeNanos = sent < MAX_CHALLENGES ? nowNanos + pause : Long.MAX_VALUE;
    return challenge;
  }

  /** Whether a response answers one of this run's challenges. */
  public boolean isAnsweredBy(long response) {
    for (int i = 0; i < sent; i++) {
      if (challenges[i] == response) {
        return true;
      }
    }
    return false;
  }

  /** Whether the run failed. */
  public boolean isOver(long nowNanos) {
    return nowNanos >= deadlineNanos;
  }

  /** When this run next needs attention; a challenge that may not be sent now wakes nobody. */
  public long nextTimeoutNanos() {
    return route.amplificationCreditBytes() < MIN_CREDIT_BYTES
        ? deadlineNanos
        : Math.min(nextChallengeNanos, deadlineNanos);
  }
}
