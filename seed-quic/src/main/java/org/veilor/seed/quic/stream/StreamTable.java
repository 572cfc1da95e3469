package org.veilor.seed.quic.stream;

import org.jspecify.annotations.Nullable;

/**
 * Open streams by id: open addressing with linear probing and backward-shift deletion, so that
 * looking a stream up for every frame allocates nothing.
 */
final class StreamTable {
  private static final int INITIAL_CAPACITY = 16;
  private static final long MULTIPLIER = 0x9e3779b97f4a7c15L; // 2^64 / golden ratio

  private @Nullable StreamEntry[] slots = new StreamEntry[INITIAL_CAPACITY];
  private int size;

  int size() {
    return size;
  }

  @Nullable StreamEntry get(long id) {
    int mask = slots.length - 1;
    for (int i = home(id); ; i = (i + 1) & mask) {
      StreamEntry entry = slots[i];
      if (entry == null || entry.id == id) {
        return entry;
      }
    }
  }

  /** Adds a stream whose id is not in the table. */
  void add(StreamEntry entry) {
    if (2 * (size + 1) > slots.length) {
      resize(slots.length * 2);
    }
    place(entry);
    size++;
  }

  private void place(StreamEntry entry) {
    int mask = slots.length - 1;
    int i = home(entry.id);
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    slots[i] = entry;
  }

  private void resize(int capacity) {
    @Nullable StreamEntry[] old = slots;
    slots = new StreamEntry[capacity];
    for (StreamEntry entry : old) {
      if (entry != null) {
        place(entry);
      }
    }
  }

  /** Removes a stream, if it is there. */
  void remove(long id) {
    int mask = slots.length - 1;
    int hole = home(id);
    while (true) {
      StreamEntry entry = slots[hole];
      if (entry == null) {
        return;
      }
      if (entry.id == id) {
        break;
      }
      hole = (hole + 1) & mask;
    }
    size--;
    slots[hole] = null;
    closeHole(hole, mask);
  }

  /** Moves later entries of the probe chain back, so that no chain has a hole. */
  private void closeHole(int start, int mask) {
    int hole = start;
    for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      StreamEntry entry = slots[i];
      if (entry == null) {
        return;
      }
      int distanceFromHome = (i - home(entry.id)) & mask;
      int distanceFromHole = (i - hole) & mask;
      if (distanceFromHome >= distanceFromHole) {
        slots[hole] = entry;
        slots[i] = null;
        hole = i;
      }
    }
  }

  private int home(long id) {
    return (int) ((id * MULTIPLIER) >>> 33) & (slots.length - 1);
  }
}
