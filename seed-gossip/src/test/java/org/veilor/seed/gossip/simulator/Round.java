package org.veilor.seed.gossip.simulator;

/**
 * How messages that were said at once got through.
 *
 * @param redundancy payloads received per payload needed, minus one (RMR)
 * @param lastHop hops of the longest delivery (LDH)
 * @param missed deliveries that did not happen
 * @param durationMillis until the last delivery, or until the round was given up
 */
public record Round(double redundancy, double lastHop, double missed, double durationMillis) {
  /** The means of all of them. */
  public static Round mean(Iterable<Round> rounds) {
    double redundancy = 0;
    double lastHop = 0;
    double missed = 0;
    double duration = 0;
    int count = 0;
    for (Round round : rounds) {
      redundancy += round.redundancy;
      lastHop += round.lastHop;
      missed += round.missed;
      duration += round.durationMillis;
      count++;
    }
    return new Round(redundancy / count, lastHop / count, missed / count, duration / count);
  }
}
