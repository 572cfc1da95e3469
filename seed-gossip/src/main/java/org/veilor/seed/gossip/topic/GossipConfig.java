package org.veilor.seed.gossip.topic;

import java.util.concurrent.TimeUnit;

/**
 * How a node behaves in its topics. Nothing of it is negotiated.
 *
 * @param pruneTolerance duplicates in a row that a peer may send before it is told to stop; none in
 *     iroh-gossip, where a burst makes most of the tree lazy
 * @param hardening whether the rules are ours (marks that expire, retries, limits on everything) or
 *     exactly those of iroh-gossip 0.101; both speak the same language
 */
public record GossipConfig(
    Membership membership, Broadcast broadcast, int pruneTolerance, boolean hardening) {

  /**
   * Of the membership protocol ({@code hyparview.rs:202}).
   *
   * @param activeWalk hops that a newcomer is passed on
   * @param passiveWalk remaining hops at which it enters a passive view
   */
  public record Membership(
      int activeCapacity,
      int passiveCapacity,
      int activeWalk,
      int passiveWalk,
      int shuffleWalk,
      int shuffleActive,
      int shufflePassive,
      long shuffleIntervalNanos,
      long requestTimeoutNanos) {

    /** The same with other room for neighbours. */
    public Membership withActiveCapacity(int capacity) {
      return new Membership(
          capacity,
          passiveCapacity,
          activeWalk,
          passiveWalk,
          shuffleWalk,
          shuffleActive,
          shufflePassive,
          shuffleIntervalNanos,
          requestTimeoutNanos);
    }

    /** The same with another time between shuffles. */
    public Membership withShuffleInterval(long nanos) {
      return new Membership(
          activeCapacity,
          passiveCapacity,
          activeWalk,
          passiveWalk,
          shuffleWalk,
          shuffleActive,
          shufflePassive,
          nanos,
          requestTimeoutNanos);
    }
  }

  /**
   * Of the broadcast tree ({@code plumtree.rs:306}).
   *
   * @param graftTimeoutNanos from the first word of a message to asking for it
   * @param graftRetryNanos until the next peer is asked
   * @param dispatchDelayNanos for which ids to be told are collected
   * @param optimizationThreshold hops that the tree must be too long to be changed
   */
  public record Broadcast(
      long graftTimeoutNanos,
      long graftRetryNanos,
      long dispatchDelayNanos,
      int optimizationThreshold,
      long cacheRetentionNanos,
      long idRetentionNanos,
      long evictIntervalNanos) {}

  private static final Broadcast BROADCAST =
      new Broadcast(millis(80), millis(40), millis(5), 7, seconds(30), seconds(90), seconds(1));

  /** Exactly iroh-gossip 0.101. */
  public static GossipConfig upstream() {
    Membership membership = new Membership(5, 30, 6, 3, 6, 3, 4, seconds(60), millis(500));
    return new GossipConfig(membership, BROADCAST, 0, false);
  }

  /** Ours: the same protocol, and what a node needs among strangers and failures. */
  public static GossipConfig hardened() {
    Membership membership = new Membership(5, 30, 6, 3, 6, 3, 4, seconds(60), seconds(2));
    // A quarter more patience than upstream's: with 5 to 50 ms a hop, most of what is asked for
    // earlier is on its way, and each such question makes the tree worse. And time for an answer
    // before the next is asked: whoever asks two gets two. Less patience with a tree that is too
    // long: it begins with fewer links.
    Broadcast patient =
        new Broadcast(millis(100), millis(100), millis(5), 2, seconds(30), seconds(90), seconds(1));
    return new GossipConfig(membership, patient, 0, true);
  }

  /** The same with other membership parameters. */
  public GossipConfig with(Membership other) {
    return new GossipConfig(other, broadcast, pruneTolerance, hardening);
  }

  /** The same with another prune tolerance. */
  public GossipConfig withPruneTolerance(int duplicates) {
    return new GossipConfig(membership, broadcast, duplicates, hardening);
  }

  private static long millis(long value) {
    return TimeUnit.MILLISECONDS.toNanos(value);
  }

  private static long seconds(long value) {
    return TimeUnit.SECONDS.toNanos(value);
  }
}
