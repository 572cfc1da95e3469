package org.veilor.seed.gossip.protocol;

/** How far a message travels ({@code plumtree.rs:174}). */
public sealed interface DeliveryScope {
  /** To everybody in the topic. */
  record Swarm(int round) implements DeliveryScope {
    /**
     * Checks the round.
     *
     * @throws IllegalArgumentException if it does not fit 16 bits
     */
    public Swarm {
      if (round < 0 || round > Message.MAX_U16) {
        throw new IllegalArgumentException("round " + round);
      }
    }

    /** One hop further; the last round there is repeats itself. */
    public Swarm next() {
      return new Swarm(Math.min(Message.MAX_U16, round + 1));
    }
  }

  /** To neighbours, which do not pass it on. */
  record Neighbors() implements DeliveryScope {}
}
