package org.veilor.seed.store.file;

import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.OutboardSink;

/** A small outboard, in memory. */
public final class OutboardBytes implements OutboardSink {
  private final byte[] pairs;

  /**
   * Creates room for an outboard.
   *
   * @param outboardBytes its exact size
   */
  public OutboardBytes(int outboardBytes) {
    pairs = new byte[outboardBytes];
  }

  @Override
  public void writePair(long pairIndex, byte[] pair, int offset) {
    int at = Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES);
    System.arraycopy(pair, offset, pairs, at, BaoTree.PAIR_BYTES);
  }

  /** The outboard; not a copy. */
  public byte[] bytes() {
    return pairs;
  }
}
