package org.veilor.seed.gossip.topic;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The timers of all topics of a node, by time and then by the order in which they were set. */
final class TimerQueue {
  /** A timer of a topic. */
  record Due(long atNanos, long sequence, Topic topic, TopicTimer timer)
      implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int order = Long.compare(atNanos - other.atNanos, 0);
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long sequence;

  void add(long atNanos, Topic topic, TopicTimer timer) {
    queue.add(new Due(atNanos, sequence++, topic, timer));
  }

  /** The next one that is due, taken out. */
  @Nullable Due poll(long nowNanos) {
    Due first = peekOpen();
    return first != null && first.atNanos - nowNanos <= 0 ? queue.poll() : null;
  }

  long nextNanos() {
    Due first = peekOpen();
    return first == null ? Long.MAX_VALUE : first.atNanos;
  }

  /** Timers of topics that were left go unnoticed. */
  private @Nullable Due peekOpen() {
    while (!queue.isEmpty() && queue.peek().topic.isClosed()) {
      queue.poll();
    }
    return queue.peek();
  }
}
