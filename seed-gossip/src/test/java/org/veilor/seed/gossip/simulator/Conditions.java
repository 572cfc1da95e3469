package org.veilor.seed.gossip.simulator;

import java.util.concurrent.TimeUnit;

/**
 * What a simulated network is like.
 *
 * @param brokenByRelease whether a node that wants nothing of a peer any more breaks the connection
 *     and the peer hears of it, as in the simulator of iroh-gossip; in its real network nothing
 *     happens then
 * @param minLatencyNanos of a pair of nodes, one way; each pair has one, uniform up to {@code max}
 * @param loss share of the messages that vanish
 * @param detectionNanos until the loss of a peer is noticed, beside the latency
 * @param dialFailureNanos until a dial to nobody fails; 0 if nobody is told
 */
public record Conditions(
    boolean brokenByRelease,
    long minLatencyNanos,
    long maxLatencyNanos,
    double loss,
    long detectionNanos,
    long dialFailureNanos) {

  /** As in the simulator of iroh-gossip ({@code sim.rs}). */
  public static Conditions upstreamSimulator(int minMillis, int maxMillis) {
    return new Conditions(true, millis(minMillis), millis(maxMillis), 0, 0, 0);
  }

  /** The same without the connections that break when they are not wanted any more. */
  public static Conditions netLike(int minMillis, int maxMillis) {
    return new Conditions(false, millis(minMillis), millis(maxMillis), 0, 0, 0);
  }

  /** Like real connections: whoever is gone is noticed after the idle time-out of 30 s. */
  public static Conditions real(int minMillis, int maxMillis) {
    long idle = TimeUnit.SECONDS.toNanos(30);
    return new Conditions(false, millis(minMillis), millis(maxMillis), 0, idle, idle);
  }

  /** The same with messages that vanish. */
  public Conditions withLoss(double share) {
    return new Conditions(
        brokenByRelease, minLatencyNanos, maxLatencyNanos, share, detectionNanos, dialFailureNanos);
  }

  private static long millis(long value) {
    return TimeUnit.MILLISECONDS.toNanos(value);
  }
}
