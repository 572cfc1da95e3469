package org.veilor.seed.gossip.topic;

import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;

/** What a topic wants to be woken for. None is ever taken back: each looks whether it matters. */
sealed interface TopicTimer {
  /** Of the membership protocol. */
  sealed interface Membership extends TopicTimer {}

  /** Of the broadcast tree. */
  sealed interface Broadcast extends TopicTimer {}

  record Shuffle() implements Membership {}

  record RequestTimeout(EndpointId peer) implements Membership {}

  record JoinTimeout(EndpointId peer) implements Membership {}

  record LinkCheck(EndpointId peer, long upAtNanos, int round) implements Membership {}

  record Refill() implements Membership {}

  record Bootstrap() implements Membership {}

  record Graft(Hash id) implements Broadcast {}

  record DispatchLazy() implements Broadcast {}

  record Evict() implements Broadcast {}
}
