package org.veilor.seed.node.download;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of all downloads that came and were not looked at, and the arrays that they wait in: a
 * gigabyte would otherwise cost as much garbage.
 */
final class WaitingBytes {
  static final int BLOCK_BYTES = 64 * 1024;

  /** Arrays that are kept for later use: 4 MiB. */
  private static final int MAX_SPARE = 64;

  private final AtomicLong bytes = new AtomicLong();
  private final ArrayDeque<byte[]> spare = new ArrayDeque<>();

  /** Counts bytes that came, or (negative) were looked at; returns how many wait now. */
  long add(long count) {
    return bytes.addAndGet(count);
  }

  /** How many wait. */
  long get() {
    return bytes.get();
  }

  /** An array of {@link #BLOCK_BYTES}, filled with anything. */
  byte[] takeArray() {
    synchronized (spare) {
      byte[] array = spare.pollLast();
      return array == null ? new byte[BLOCK_BYTES] : array;
    }
  }

  /** An array is not used any more; one of another length is left to the collector. */
  void giveBack(byte[] array) {
    synchronized (spare) {
      if (array.length == BLOCK_BYTES && spare.size() < MAX_SPARE) {
        spare.addLast(array);
      }
    }
  }
}
