package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * How long what is waited for.
 *
 * @param oldConnectionNanos a connection beside which another one is used is closed then
 * @param idleNanos a connection to somebody who is no neighbour is closed after this silence
 * @param silenceNanos nothing at all comes, although a PING went out after 5 s and was repeated:
 *     QUIC itself would wait for 30 s, and broadcasts go astray meanwhile
 * @param stalledNanos messages wait and the peer takes none
 * @param farewellNanos until a farewell is acknowledged; whoever did not take it by then is dead,
 *     and will notice by itself should it not be
 * @param checkNanos how often all that is looked at
 */
record Patience(
    long oldConnectionNanos,
    long idleNanos,
    long silenceNanos,
    long stalledNanos,
    long farewellNanos,
    long checkNanos) {
  static Patience usual() {
    return new Patience(
        SECONDS.toNanos(10),
        SECONDS.toNanos(60),
        SECONDS.toNanos(8),
        SECONDS.toNanos(30),
        SECONDS.toNanos(1),
        SECONDS.toNanos(1));
  }
}
