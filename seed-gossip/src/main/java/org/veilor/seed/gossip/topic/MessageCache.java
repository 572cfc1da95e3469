package org.veilor.seed.gossip.topic;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.protocol.Message;

/**
 * The payloads of a topic that others may ask for, bounded in number and bytes, and in bytes
 * together with the node's other topics: whoever adds then makes room in its own topic.
 */
final class MessageCache {
  /** The bytes that all topics of a node keep. */
  static final class NodeBytes {
    private long bytes;

    long bytes() {
      return bytes;
    }
  }

  private final TimedCache<Message.Gossip> messages;
  private final boolean bounded;
  private final NodeBytes node;
  private long bytes;

  MessageCache(long retentionNanos, boolean bounded, NodeBytes node) {
    this.messages = new TimedCache<>(retentionNanos);
    this.bounded = bounded;
    this.node = node;
  }

  void put(Message.Gossip message, long nowNanos) {
    Message.Gossip old = messages.put(message.id(), message, nowNanos);
    if (old != null) {
      count(-old.content().length);
    }
    count(message.content().length);
    while (bounded && isOverFull()) {
      removed(messages.pollEldest());
    }
  }

  Message.@Nullable Gossip get(Hash id) {
    return messages.get(id);
  }

  /** What was put at a time or since, latest first, up to a number. */
  List<Message.Gossip> newest(int most, long sinceNanos) {
    return messages.newest(most, sinceNanos);
  }

  void expire(long nowNanos) {
    Message.Gossip expired = messages.expire(nowNanos);
    while (expired != null) {
      removed(expired);
      expired = messages.expire(nowNanos);
    }
  }

  /** Forgets everything. */
  void clear() {
    while (messages.size() > 0) {
      removed(messages.pollEldest());
    }
  }

  int size() {
    return messages.size();
  }

  long bytes() {
    return bytes;
  }

  private boolean isOverFull() {
    return messages.size() > TopicLimits.MAX_CACHED
        || bytes > TopicLimits.MAX_CACHED_BYTES
        || (messages.size() > 1 && node.bytes > TopicLimits.MAX_NODE_CACHED_BYTES);
  }

  private void removed(Message.@Nullable Gossip message) {
    if (message != null) {
      count(-message.content().length);
    }
  }

  private void count(long change) {
    bytes += change;
    node.bytes += change;
  }
}
