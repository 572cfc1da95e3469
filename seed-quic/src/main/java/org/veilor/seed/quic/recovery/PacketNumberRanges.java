package org.veilor.seed.quic.recovery;

import java.util.Arrays;

/**
 * A small set of packet numbers kept as ascending, disjoint, non-adjacent closed ranges in two
 * arrays.
 *
 * <p>Bounded: beyond {@code maxRanges} the lowest range is forgotten and everything below the
 * lowest remembered number counts as received, so that memory and the size of ACK frames stay
 * limited whatever the order of arrival (RFC 9000 §13.2.3).
 */
final class PacketNumberRanges {
  private final int maxRanges;
  private long[] smallest = new long[4];
  private long[] largest = new long[4];
  private int count;
  private long floor; // every number below it counts as contained

  PacketNumberRanges(int maxRanges) {
    this.maxRanges = maxRanges;
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  long smallest(int index) {
    return smallest[index];
  }

  long largest(int index) {
    return largest[index];
  }

  boolean contains(long packetNumber) {
    if (packetNumber < floor) {
      return true;
    }
    for (int i = count - 1; i >= 0; i--) {
      if (packetNumber > largest[i]) {
        return false;
      }
      if (packetNumber >= smallest[i]) {
        return true;
      }
    }
    return false;
  }

  /** Adds one number; the usual case, the successor of the largest, touches one array slot. */
  void add(long packetNumber) {
    if (count > 0 && packetNumber == largest[count - 1] + 1) {
      largest[count - 1] = packetNumber;
      return;
    }
    if (contains(packetNumber)) {
      return;
    }
    int at = count; // index of the first range above the number
    while (at > 0 && smallest[at - 1] > packetNumber) {
      at--;
    }
    boolean joinsBelow = at > 0 && largest[at - 1] + 1 == packetNumber;
    boolean joinsAbove = at < count && smallest[at] - 1 == packetNumber;
    if (joinsBelow && joinsAbove) {
      largest[at - 1] = largest[at];
      removeAt(at);
    } else if (joinsBelow) {
      largest[at - 1] = packetNumber;
    } else if (joinsAbove) {
      smallest[at] = packetNumber;
    } else {
      insertAt(at, packetNumber);
    }
  }

  /** Forgets everything up to and including {@code packetNumber}; it then counts as received. */
  void forgetThrough(long packetNumber) {
    floor = Math.max(floor, packetNumber + 1);
    int gone = 0;
    while (gone < count && largest[gone] <= packetNumber) {
      gone++;
    }
    for (int i = 0; i < gone; i++) {
      removeAt(0);
    }
    if (count > 0 && smallest[0] <= packetNumber) {
      smallest[0] = packetNumber + 1;
    }
  }

  private void insertAt(int at, long packetNumber) {
    if (count == maxRanges) {
      floor = Math.max(floor, largest[0] + 1);
      removeAt(0);
      if (at == 0) {
        return; // the number itself was below the new floor
      }
      insertAt(at - 1, packetNumber);
      return;
    }
    if (count == smallest.length) {
      smallest = Arrays.copyOf(smallest, count * 2);
      largest = Arrays.copyOf(largest, count * 2);
    }
    System.arraycopy(smallest, at, smallest, at + 1, count - at);
    System.arraycopy(largest, at, largest, at + 1, count - at);
    smallest[at] = packetNumber;
    largest[at] = packetNumber;
    count++;
  }

  private void removeAt(int at) {
    System.arraycopy(smallest, at + 1, smallest, at, count - at - 1);
    System.arraycopy(largest, at + 1, largest, at, count - at - 1);
    count--;
  }
}
