package org.veilor.seed.quic.stream;

import java.util.Arrays;

/**
 * A set of offsets as disjoint, non-adjacent, ascending ranges {@code [start, end)}.
 *
 * <p>Two arrays instead of a tree: acknowledgements come nearly in order, so that most operations
 * touch the first or the last range, and those cost no more than a comparison.
 */
final class RangeSet {
  private static final int INITIAL_CAPACITY = 4;

  private long[] starts = new long[INITIAL_CAPACITY];
  private long[] ends = new long[INITIAL_CAPACITY];
  private int head; // ranges live in [head, tail)
  private int tail;

  boolean isEmpty() {
    return head == tail;
  }

  int count() {
    return tail - head;
  }

  long firstStart() {
    return starts[head];
  }

  long firstEnd() {
    return ends[head];
  }

  void clear() {
    head = 0;
    tail = 0;
    starts = new long[INITIAL_CAPACITY];
    ends = new long[INITIAL_CAPACITY];
  }

  /** Adds {@code [start, end)}. */
  void add(long start, long end) {
    if (start >= end) {
      return;
    }
    // The ranges that overlap or touch the new one are [low, high).
    int low = firstEndingAtOrAfter(start);
    int high = low;
    while (high < tail && starts[high] <= end) {
      high++;
    }
    if (low == high) {
      insert(low, start, end);
      return;
    }
    starts[low] = Math.min(starts[low], start);
    ends[low] = Math.max(ends[high - 1], end);
    delete(low + 1, high);
  }

  /** Removes {@code [start, end)}. */
  void remove(long start, long end) {
    if (start >= end) {
      return;
    }
    // The ranges that overlap are [low, high).
    int low = firstEndingAtOrAfter(start + 1);
    int high = low;
    while (high < tail && starts[high] < end) {
      high++;
    }
    if (low == high) {
      return;
    }
    long keepBefore = starts[low];
    long keepAfter = ends[high - 1];
    if (keepBefore < start && keepAfter > end) {
      ends[low] = start;
      delete(low + 1, high);
      insert(low + 1, end, keepAfter);
    } else if (keepBefore < start) {
      ends[low] = start;
      delete(low + 1, high);
    } else if (keepAfter > end) {
      starts[high - 1] = end;
      delete(low, high - 1);
    } else {
      delete(low, high);
    }
  }

  /** Adds to {@code gaps} what of {@code [start, end)} is not in this set. */
  void addGapsTo(RangeSet gaps, long start, long end) {
    long from = start;
    for (int i = firstEndingAtOrAfter(start + 1); i < tail && starts[i] < end; i++) {
      gaps.add(from, starts[i]);
      from = ends[i];
    }
    gaps.add(from, end);
  }

  /** Index of the first range whose end is at or beyond {@code offset}. */
  private int firstEndingAtOrAfter(long offset) {
    if (head == tail || ends[tail - 1] < offset) {
      return tail;
    }
    if (ends[head] >= offset) {
      return head;
    }
    int low = head;
    int high = tail - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] >= offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private void insert(int at, long start, long end) {
    int index = at;
    if (tail == starts.length) {
      index -= makeRoom();
    }
    System.arraycopy(starts, index, starts, index + 1, tail - index);
    System.arraycopy(ends, index, ends, index + 1, tail - index);
    starts[index] = start;
    ends[index] = end;
    tail++;
  }

  /**
   * Moves the ranges to the front, into larger arrays if they are full; returns how far they moved.
   */
  private int makeRoom() {
    int moved = head;
    int capacity = head > starts.length / 2 ? starts.length : starts.length * 2;
    starts = Arrays.copyOf(Arrays.copyOfRange(starts, head, tail), capacity);
    ends = Arrays.copyOf(Arrays.copyOfRange(ends, head, tail), capacity);
    tail -= moved;
    head = 0;
    return moved;
  }

  private void delete(int low, int high) {
    if (low == high) {
      return;
    }
    if (low == head) {
      head = high;
    } else {
      System.arraycopy(starts, high, starts, low, tail - high);
      System.arraycopy(ends, high, ends, low, tail - high);
      tail -= high - low;
    }
    if (head == tail) {
      head = 0;
      tail = 0;
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = head; i < tail; i++) {
      text.append('[').append(starts[i]).append(", ").append(ends[i]).append(')');
    }
    return text.append('}').toString();
  }
}
