package org.veilor.seed.node.membership;

import java.util.concurrent.TimeUnit;
import org.veilor.seed.gossip.service.ServiceLimits;

/** Limits of membership; {@code docs/limits.md} lists them. */
final class MembershipLimits {
  /** Streams that a peer may open on a connection. */
  static final int MAX_STREAMS = 4;

  /** Connections of others that are open for proofs; then the oldest is closed. */
  static final int MAX_CONNECTIONS = 256;

  /** Proofs of ours that are on their way. */
  static final int MAX_PROOFS = 64;

  /** An exchange that takes longer is given up, by either side. */
  static final long EXCHANGE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A connection of a peer is closed after so long, whatever happens on it. */
  static final long CONNECTION_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** What we proved to a peer is proved anew after so long: half of what a proof is good for. */
  static final long PROVE_AGAIN_MILLIS = ServiceLimits.MEMBERSHIP_MILLIS / 2;

  /** A peer that says that it has not what we ask for is shown a proof again, but not sooner. */
  static final long DOUBT_MILLIS = 30_000;

  /** Peers of which it is remembered that they had a proof. */
  static final int MAX_PROVED = 4_096;

  /** A member that proves itself again within this time is not written down anew. */
  static final long RENEW_MILLIS = TimeUnit.HOURS.toMillis(1);

  /** What has changed is written down after so long. */
  static final long WRITE_MILLIS = 1_000;

  private MembershipLimits() {}
}
