package org.veilor.seed.core.bao;

import java.io.IOException;

/** Where an {@link OutboardBuilder} puts the pairs: a file, or memory. */
@FunctionalInterface
public interface OutboardSink {
  /**
   * Stores one pair. Pairs come in any order, each exactly once.
   *
   * @param pairIndex position in the pre-order outboard; the byte position is 64 times this
   * @param pair holds the 64 bytes from {@code offset}; it changes after the call
   */
  void writePair(long pairIndex, byte[] pair, int offset) throws IOException;
}
