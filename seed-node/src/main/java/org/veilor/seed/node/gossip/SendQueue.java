package org.veilor.seed.node.gossip;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.gossip.protocol.Message;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Messages that wait for a peer, within limits. When it is full, the oldest broadcast and IHave
 * gives way, which the tree repairs through others; only then anything else.
 */
final class SendQueue {
  /** A message on its way. */
  static final class Entry {
    private final TopicId topic;
    private final byte[] frame;
    private final boolean isData;
    private final boolean isSpare;
    private final @Nullable CompletableFuture<Void> farewell;

    Entry(TopicId topic, Message message, byte[] frame) {
      this.topic = topic;
      this.frame = frame;
      this.isData = message instanceof Message.Gossip;
      this.isSpare = isData || message instanceof Message.IHave;
      this.farewell = message instanceof Message.Disconnect ? new CompletableFuture<>() : null;
    }

    TopicId topic() {
      return topic;
    }

    /** Length and message; not to be changed. */
    byte[] frame() {
      return frame;
    }

    /** Whether it carries content. */
    boolean isData() {
      return isData;
    }

    /**
     * Of a Disconnect, after which the stream ends: completed when the peer has it, or never will.
     */
    @Nullable CompletableFuture<Void> farewell() {
      return farewell;
    }

    /** It does not get out. */
    void drop() {
      if (farewell != null) {
        farewell.complete(null);
      }
    }
  }

  private final int maxMessages;
  private final int maxBytes;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long bytes;

  SendQueue() {
    this(NetworkLimits.MAX_QUEUED_MESSAGES, NetworkLimits.MAX_QUEUED_BYTES);
  }

  SendQueue(int maxMessages, int maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  /** Adds a message; answers how many others gave way. */
  int add(Entry entry) {
    entries.add(entry);
    bytes += entry.frame.length;
    int dropped = 0;
    while (entries.size() > maxMessages || bytes > maxBytes) {
      if (!dropOldest(each -> each.isSpare)) {
        dropOldest(_ -> true);
      }
      dropped++;
    }
    return dropped;
  }

  private boolean dropOldest(Predicate<Entry> condition) {
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (condition.test(entry)) {
        each.remove();
        bytes -= entry.frame.length;
        entry.drop();
        return true;
      }
    }
    return false;
  }

  /** Takes out what the taker accepts, in order. */
  boolean offer(Predicate<Entry> taker) {
    boolean any = false;
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (taker.test(entry)) {
        each.remove();
        bytes -= entry.frame.length;
        any = true;
      }
    }
    return any;
  }

  /** Gives up on all. */
  int clear() {
    int count = entries.size();
    entries.forEach(Entry::drop);
    entries.clear();
    bytes = 0;
    return count;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }
}
