package org.veilor.seed.gossip.topic;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.DeliveryScope;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.PeerData;
import org.veilor.seed.gossip.protocol.PeerInfo;

/** How many bytes messages take in their postcard form, for those that may grow too long. */
final class MessageSizes {
  /** Both tags. */
  private static final int TAGS = 2;

  private MessageSizes() {}

  static int of(Message.Gossip message) {
    int content = message.content().length;
    int scope =
        switch (message.scope()) {
          case DeliveryScope.Swarm(int round) -> 1 + varint(round);
          case DeliveryScope.Neighbors() -> 1;
        };
    return TAGS + Hash.LENGTH + varint(content) + content + scope;
  }

  static int of(Message.ForwardJoin message) {
    return TAGS + of(message.peer()) + varint(message.ttl());
  }

  static int of(Message.Shuffle message) {
    return TAGS
        + EndpointId.LENGTH
        + varint(message.nodes().size())
        + message.nodes().stream().mapToInt(MessageSizes::of).sum()
        + varint(message.ttl());
  }

  static int of(Message.ShuffleReply message) {
    return TAGS
        + varint(message.nodes().size())
        + message.nodes().stream().mapToInt(MessageSizes::of).sum();
  }

  static int of(PeerInfo info) {
    return EndpointId.LENGTH + of(info.data());
  }

  static int of(@Nullable PeerData data) {
    return data == null ? 1 : 1 + varint(data.sizeBytes()) + data.sizeBytes();
  }

  /** Bytes of an unsigned LEB128 number. */
  static int varint(int value) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
  }
}
