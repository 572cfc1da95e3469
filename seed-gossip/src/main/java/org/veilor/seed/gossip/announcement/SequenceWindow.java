package org.veilor.seed.gossip.announcement;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The highest sequences seen, up to a number; all that are not above the lowest of a full window
 * count as seen. A window of one demands that each is above the last. Like the anti-replay window
 * of RFC 4303 section 3.4.3, but sequences have gaps here, so it holds numbers and not bits.
 */
final class SequenceWindow {
  private final int capacity;
  private final NavigableSet<Long> seen;
  private long floor;

  SequenceWindow(int capacity, GateState.Sequences restored) {
    this.capacity = capacity;
    floor = restored.floor();
    seen = new TreeSet<>(restored.above());
    trim();
  }

  boolean isSeen(long sequence) {
    return sequence <= floor || seen.contains(sequence);
  }

  void add(long sequence) {
    seen.add(sequence);
    trim();
  }

  /** Whoever falls out of the window raises the floor; so one place is the floor itself. */
  private void trim() {
    while (seen.size() >= capacity) {
      floor = Math.max(floor, seen.removeFirst());
    }
  }

  GateState.Sequences export() {
    return new GateState.Sequences(floor, List.copyOf(seen));
  }
}
