package org.veilor.seed.gossip.topic;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.veilor.seed.core.identity.EndpointId;

/** What each peer may make a topic do. Whoever was silent longest is forgotten first. */
final class PeerBudgets {
  /** What is counted. */
  enum Kind {
    /** Join and Neighbor(High), which displace neighbours. */
    REQUEST(20, 1),
    /** Peers we did not know, which we may dial and tell of. */
    PEER_INFO(256, 8),
    /** Payloads, which we check, deliver and pass on. */
    GOSSIP(4_096, 1_000),
    /** Ids of messages, for which we set timers and ask. */
    IHAVE_ITEM(8_192, 2_000),
    /** Messages that are asked for, each answered by up to 4 KB. */
    GRAFT(4_096, 500);

    private final int burst;
    private final int perSecond;

    Kind(int burst, int perSecond) {
      this.burst = burst;
      this.perSecond = perSecond;
    }
  }

  private final boolean limited;
  private final LinkedHashMap<EndpointId, Map<Kind, TokenBucket>> buckets =
      new LinkedHashMap<>(16, 0.75f, true);
  private long refused;

  PeerBudgets(boolean limited) {
    this.limited = limited;
  }

  /** Whether the peer may, this time. */
  boolean take(EndpointId peer, Kind kind, long nowNanos) {
    if (!limited) {
      return true;
    }
    Map<Kind, TokenBucket> own = buckets.computeIfAbsent(peer, any -> new EnumMap<>(Kind.class));
    if (buckets.size() > TopicLimits.MAX_BUDGETS) {
      buckets.pollFirstEntry();
    }
    TokenBucket bucket =
        own.computeIfAbsent(kind, k -> new TokenBucket(k.burst, k.perSecond, nowNanos));
    boolean granted = bucket.take(nowNanos);
    if (!granted) {
      refused++;
    }
    return granted;
  }

  /** How often the answer was no. */
  long refused() {
    return refused;
  }
}
