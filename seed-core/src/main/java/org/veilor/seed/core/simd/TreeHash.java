package org.veilor.seed.core.simd;

import java.util.Objects;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/** The hash of a whole blob in memory, out of what engines can do. */
final class TreeHash {
  private static final int GROUP_BYTES = SubtreeEngine.GROUP_BYTES;
  private static final int VALUE_BYTES = SubtreeEngine.VALUE_BYTES;

  private TreeHash() {}

  static Hash hash(SubtreeEngine engine, byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    byte[] values = new byte[(length / GROUP_BYTES + 1) * VALUE_BYTES];
    if (length <= GROUP_BYTES) {
      engine.subtreeValue(data, offset, length, 0, true, values, 0);
      return Hash.of(values, 0);
    }
    int groups = length / GROUP_BYTES;
    int tail = length % GROUP_BYTES;
    int nodes = groups;
    engine.groupValues(data, offset, groups, 0, values, 0);
    if (tail > 0) {
      long firstChunk = (long) groups * SubtreeEngine.GROUP_CHUNKS;
      int tailOffset = offset + groups * GROUP_BYTES;
      engine.subtreeValue(data, tailOffset, tail, firstChunk, false, values, groups * VALUE_BYTES);
      nodes++;
    }
    for (; nodes > 2; nodes = (nodes + 1) / 2) {
      engine.parentValues(values, 0, nodes / 2, values, 0);
      if (nodes % 2 == 1) {
        int last = (nodes - 1) * VALUE_BYTES;
        System.arraycopy(values, last, values, nodes / 2 * VALUE_BYTES, VALUE_BYTES);
      }
    }
    engine.parentValue(values, 0, true, values, 0);
    return Hash.of(values, 0);
  }
}
