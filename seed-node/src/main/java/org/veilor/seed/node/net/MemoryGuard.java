package org.veilor.seed.node.net;

import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last line of defence of the heap: the limits of each connection allow all honest peers
 * together, not that every one of a thousand does its worst. Where what is alive comes near the
 * heap's end, connections are closed, an eighth of those that hold much at a time: first the slow
 * ones, which take long over what waits for them, then the others, the greediest first.
 *
 * <p>What is alive is only known after a full collection. The JVM makes one when the old generation
 * is full; what it finds alive is then looked at here, while the young generation still has room.
 * Connections that hold no more than their share are never closed.
 */
final class MemoryGuard {
  private static final Logger log = LoggerFactory.getLogger(MemoryGuard.class);

  /** From here on the old generation counts as full. */
  static final int FULL_PERCENT = 75;

  /** Of those that hold too much, one in so many is closed at a time. */
  static final int ROUND_SHARE = 8;

  /** Nobody is closed who holds no more. */
  static final long SHARE_BYTES = SendBudget.CONNECTION_SHARE_BYTES;

  /** What an open request counts beside its bytes: bookkeeping, and pieces behind gaps. */
  static final long REQUEST_BYTES = 8 * 1024;

  /** Somebody who costs memory. */
  interface Holder {
    /** Bytes, as far as they are known. */
    long heldBytes();

    /** Whether it takes long over what waits for it: the first to go. */
    boolean isSlow();

    /** Makes them free. */
    void close();
  }

  /** The heap. */
  interface Heap {
    /** Per cent of the old generation that were alive at the last full collection. */
    int livePercent();

    /** Collects now. */
    void collect();
  }

  private final Heap heap;
  private long closed;

  MemoryGuard(Heap heap) {
    this.heap = heap;
  }

  /** Connections closed so far. */
  long closed() {
    return closed;
  }

  /** Whether {@link #relieve} has something to do. */
  boolean isFull() {
    return heap.livePercent() >= FULL_PERCENT;
  }

  /** Closes some of those that hold most; returns how many. */
  int relieve(List<? extends Holder> holders) {
    record Held(Holder holder, long bytes) {}
    List<Held> greedy =
        holders.stream()
            .map(holder -> new Held(holder, holder.heldBytes()))
            .filter(held -> held.bytes > SHARE_BYTES)
            .sorted(
                Comparator.comparing((Held held) -> held.holder.isSlow())
                    .thenComparingLong(Held::bytes)
                    .reversed())
            .toList();
    int count = Math.ceilDiv(greedy.size(), ROUND_SHARE);
    greedy.subList(0, count).forEach(held -> held.holder.close());
    if (count > 0) {
      closed += count;
      log.warn(
          "the heap is {} % full: closed the {} connections that hold most; -Xmx in JAVA_OPTS gives"
              + " more",
          heap.livePercent(), count);
    }
    return count;
  }

  /** What {@link #relieve} freed must be seen before more is closed. */
  void collect() {
    heap.collect();
  }
}
