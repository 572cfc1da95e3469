package org.veilor.seed.gossip.announcement;

import java.util.Arrays;
import java.util.List;

/**
 * The highest sequences seen, up to a number; all that are not above the lowest of a full window
 * count as seen. A window of one demands that each is above the last. Like the anti-replay window
 * of RFC 4303 section 3.4.3, but sequences have gaps here, so it holds numbers and not bits: in an
 * array, because there is a window for each of thousands of issuers.
 */
final class SequenceWindow {
  private static final long[] NONE = new long[0];

  private final int capacity;
  private long floor;
  private long[] seen = NONE;
  private int size;

  SequenceWindow(int capacity, GateState.Sequences restored) {
    this.capacity = capacity;
    floor = restored.floor();
    restored.above().forEach(this::add);
  }

  boolean isSeen(long sequence) {
    return sequence <= floor || find(sequence) >= 0;
  }

  private int find(long sequence) {
    return Arrays.binarySearch(seen, 0, size, sequence);
  }

  /** Whoever falls out of the window raises the floor; so one place is the floor itself. */
  void add(long sequence) {
    int found = find(sequence);
    if (sequence <= floor || found >= 0) {
      return;
    }
    int place = -found - 1;
    if (size == capacity - 1) {
      long lowest = place == 0 ? sequence : seen[0];
      if (place > 0) {
        System.arraycopy(seen, 1, seen, 0, place - 1);
        seen[place - 1] = sequence;
      }
      floor = lowest;
      return;
    }
    if (size == seen.length) {
      seen = Arrays.copyOf(seen, Math.min(capacity - 1, 2 * size + 2));
    }
    System.arraycopy(seen, place, seen, place + 1, size - place);
    seen[place] = sequence;
    size++;
  }

  GateState.Sequences export() {
    List<Long> above = Arrays.stream(seen, 0, size).boxed().toList();
    return new GateState.Sequences(floor, above);
  }
}
