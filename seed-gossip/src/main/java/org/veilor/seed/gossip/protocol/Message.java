package org.veilor.seed.gossip.protocol;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;

/**
 * A message of one topic ({@code topic.rs:92}): either of the membership protocol (HyParView,
 * {@code hyparview.rs:69}) or of the broadcast tree (PlumTree, {@code plumtree.rs:137}).
 */
public sealed interface Message {
  /** The largest round and ttl. */
  int MAX_U16 = 0xffff;

  /** Membership. */
  sealed interface Membership extends Message {}

  /** The broadcast tree. */
  sealed interface Broadcast extends Message {}

  /** Asks a contact to be let into the topic. */
  record Join(@Nullable PeerData data) implements Membership {}

  /** Passes a newcomer on by a random walk. */
  record ForwardJoin(PeerInfo peer, int ttl) implements Membership {
    /**
     * Checks the ttl.
     *
     * @throws IllegalArgumentException if it does not fit 16 bits
     */
    public ForwardJoin {
      checkU16(ttl);
    }
  }

  /** A sample of the origin's views, on a random walk. */
  record Shuffle(EndpointId origin, List<PeerInfo> nodes, int ttl) implements Membership {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if the ttl does not fit 16 bits
     */
    public Shuffle {
      checkU16(ttl);
      nodes = List.copyOf(nodes);
    }
  }

  /** A sample in return, or with a farewell. */
  record ShuffleReply(List<PeerInfo> nodes) implements Membership {
    /** Copies the list. */
    public ShuffleReply {
      nodes = List.copyOf(nodes);
    }
  }

  /** How much a peer wants to be a neighbour. */
  enum Priority {
    /** It has no other; never refused. */
    HIGH,
    /** Refused by whoever has enough. */
    LOW
  }

  /** Asks to be neighbours, and answers that. */
  record Neighbor(Priority priority, @Nullable PeerData data) implements Membership {}

  /**
   * Ends being neighbours. On the wire an obsolete second flag follows, always false.
   *
   * @param alive whether the sender stays in the topic, to be kept in mind
   */
  record Disconnect(boolean alive) implements Membership {}

  /**
   * A broadcast message.
   *
   * @param id the BLAKE3 hash of the content, as sent: receivers check it
   * @param content not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by content below; copying every hop costs
  record Gossip(Hash id, byte[] content, DeliveryScope scope) implements Broadcast {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Gossip that
          && id.equals(that.id)
          && scope.equals(that.scope)
          && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
      return id.hashCode();
    }

    @Override
    public String toString() {
      return "Gossip[" + id.shortText() + ", " + content.length + " bytes, " + scope + "]";
    }
  }

  /** Send me no payloads unasked: you are a lazy peer of mine now. */
  record Prune() implements Broadcast {}

  /**
   * Send me payloads: you are an eager peer of mine now.
   *
   * @param id a message that is wanted at once, or null
   */
  record Graft(@Nullable Hash id, int round) implements Broadcast {
    /**
     * Checks the round.
     *
     * @throws IllegalArgumentException if it does not fit 16 bits
     */
    public Graft {
      checkU16(round);
    }
  }

  /** A message that its sender has, and the round in which it would come. */
  record IHaveItem(Hash id, int round) {
    /**
     * Checks the round.
     *
     * @throws IllegalArgumentException if it does not fit 16 bits
     */
    public IHaveItem {
      checkU16(round);
    }
  }

  /** Messages that the sender has. */
  record IHave(List<IHaveItem> items) implements Broadcast {
    /** Copies the list. */
    public IHave {
      items = List.copyOf(items);
    }
  }

  private static void checkU16(int value) {
    if (value < 0 || value > MAX_U16) {
      throw new IllegalArgumentException(value + " does not fit 16 bits");
    }
  }
}
