package org.veilor.seed.node.download;

import java.util.Arrays;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;

/** Arithmetic on sets of chunks that are made of whole chunk groups. */
final class ChunkSets {
  private ChunkSets() {}

  /** Bytes of the chunks of a finite set, the last chunk counted as a whole one. */
  static long bytes(ChunkRanges set) {
    long chunks = 0;
    for (int i = 0; i + 1 < set.boundaryCount(); i += 2) {
      chunks += set.boundary(i + 1) - set.boundary(i);
    }
    return chunks * BaoTree.CHUNK_BYTES;
  }

  /** The first chunks of a set: at most so many bytes and boundaries, whole groups. */
  static ChunkRanges front(ChunkRanges set, long maxBytes) {
    long left = Math.max(1, maxBytes / BaoTree.GROUP_BYTES) * BaoTree.GROUP_CHUNKS;
    for (int i = 0; i < set.boundaryCount(); i += 2) {
      long start = set.boundary(i);
      boolean open = i + 1 == set.boundaryCount();
      boolean last = i + 2 >= PlanLimits.MAX_BOUNDARIES;
      if (open || set.boundary(i + 1) - start >= left) {
        return set.slice(0, start + left);
      }
      left -= set.boundary(i + 1) - start;
      if (last) {
        return set.slice(0, set.boundary(i + 1));
      }
    }
    return set;
  }

  /** The last chunks of a finite set: about so many bytes, whole groups, from one run at most. */
  static ChunkRanges back(ChunkRanges set, long maxBytes) {
    int count = set.boundaryCount();
    long start = set.boundary(count - 2);
    long end = set.boundary(count - 1);
    long cut = end - Math.max(1, maxBytes / BaoTree.CHUNK_BYTES);
    long aligned = Math.ceilDiv(cut, BaoTree.GROUP_CHUNKS) * (long) BaoTree.GROUP_CHUNKS;
    long from = Math.max(start, aligned >= end ? aligned - BaoTree.GROUP_CHUNKS : aligned);
    return ChunkRanges.range(from, end);
  }

  /**
   * The whole chunk groups of a set: parts of groups cannot be served (blobs.md §2.8).
   *
   * @param chunks number of chunks of the blob, whose last group may be short; a huge one if it is
   *     not known
   */
  static ChunkRanges wholeGroups(ChunkRanges set, long chunks) {
    int count = set.boundaryCount();
    long[] out = new long[count];
    int length = 0;
    for (int i = 0; i < count; i += 2) {
      long start = Long.compareUnsigned(set.boundary(i), chunks) >= 0 ? chunks : set.boundary(i);
      long from = Math.ceilDiv(start, BaoTree.GROUP_CHUNKS) * (long) BaoTree.GROUP_CHUNKS;
      boolean open = i + 1 == count || Long.compareUnsigned(set.boundary(i + 1), chunks) >= 0;
      if (open) {
        out[length++] = from;
        break;
      }
      long until = set.boundary(i + 1) / BaoTree.GROUP_CHUNKS * BaoTree.GROUP_CHUNKS;
      if (from < until) {
        out[length++] = from;
        out[length++] = until;
      }
    }
    return ChunkRanges.ofBoundaries(Arrays.copyOf(out, length));
  }
}
