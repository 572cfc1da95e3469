package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.veilor.seed.core.bao.BaoTree;

/**
 * Pairs that wait to be written in pages of 4 KiB: the pairs of a mebibyte of blob lie side by
 * side, so they cost one write. Any thread.
 */
final class PairPages {
  static final int PAGE_PAIRS = 64;

  private static final int PAIR_BYTES = BaoTree.PAIR_BYTES;

  /** Where pages go. */
  @FunctionalInterface
  interface Output {
    void write(ByteBuffer bytes, long position) throws IOException;
  }

  private static final class Page {
    private final byte[] pairs = new byte[PAGE_PAIRS * PAIR_BYTES];
    private final BitSet filled = new BitSet(PAGE_PAIRS);
  }

  private final Output output;
  private final Map<Long, Page> pages = new LinkedHashMap<>(16, 0.75f, true);

  PairPages(Output output) {
    this.output = output;
  }

  synchronized void put(long pairIndex, byte[] pair) throws IOException {
    long number = pairIndex / PAGE_PAIRS;
    Page page = pages.get(number);
    if (page == null) {
      if (pages.size() >= CacheLimits.WAITING_PAGES) {
        Map.Entry<Long, Page> oldest = pages.entrySet().iterator().next();
        write(oldest.getKey(), oldest.getValue());
        pages.remove(oldest.getKey());
      }
      page = new Page();
      pages.put(number, page);
    }
    int slot = (int) (pairIndex % PAGE_PAIRS);
    System.arraycopy(pair, 0, page.pairs, slot * PAIR_BYTES, PAIR_BYTES);
    page.filled.set(slot);
  }

  /** Copies a pair that waits; whether it does. */
  synchronized boolean get(long pairIndex, byte[] target, int targetOffset) {
    Page page = pages.get(pairIndex / PAGE_PAIRS);
    int slot = (int) (pairIndex % PAGE_PAIRS);
    if (page == null || !page.filled.get(slot)) {
      return false;
    }
    System.arraycopy(page.pairs, slot * PAIR_BYTES, target, targetOffset, PAIR_BYTES);
    return true;
  }

  /** Writes all that waits. */
  synchronized void flush() throws IOException {
    Iterator<Map.Entry<Long, Page>> all = pages.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Long, Page> next = all.next();
      write(next.getKey(), next.getValue());
      all.remove();
    }
  }

  synchronized void clear() {
    pages.clear();
  }

  private void write(long number, Page page) throws IOException {
    int start = page.filled.nextSetBit(0);
    while (start >= 0) {
      int end = page.filled.nextClearBit(start);
      output.write(
          ByteBuffer.wrap(page.pairs, start * PAIR_BYTES, (end - start) * PAIR_BYTES),
          (number * PAGE_PAIRS + start) * PAIR_BYTES);
      start = page.filled.nextSetBit(end);
    }
  }
}
