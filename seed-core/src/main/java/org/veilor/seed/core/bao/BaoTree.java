package org.veilor.seed.core.bao;

/**
 * The geometry of the BLAKE3 tree over a blob, without any bytes.
 *
 * <p>A node covers the chunks from {@code start} to {@code end} - 1. A node of more than one chunk
 * splits behind the largest power of two of chunks that is smaller than the node. The
 * <em>outboard</em> holds the pairs of the nodes that cover more than a chunk group, in pre-order:
 * own pair, pairs of the left subtree, pairs of the right one.
 *
 * @param sizeBytes size of the blob, 0 to 2^63 - 1
 */
public record BaoTree(long sizeBytes) {
  /** Bytes of a chunk. */
  public static final int CHUNK_BYTES = 1024;

  /** Chunks of a chunk group. */
  public static final int GROUP_CHUNKS = 16;

  /** Bytes of a chunk group. */
  public static final int GROUP_BYTES = GROUP_CHUNKS * CHUNK_BYTES;

  /** Bytes of a pair of chaining values. */
  public static final int PAIR_BYTES = 64;

  /** Levels of the deepest possible tree: 2^53 chunks. */
  public static final int MAX_DEPTH = 54;

  /** Checks the size. */
  public BaoTree {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("negative size: " + sizeBytes);
    }
  }

  /** Number of chunks; the empty blob has one, which is empty. */
  public long chunks() {
    return sizeBytes == 0 ? 1 : (sizeBytes - 1) / CHUNK_BYTES + 1;
  }

  /** Number of chunk groups, at least 1. */
  public long groups() {
    return groupsOf(0, chunks());
  }

  /** Number of pairs in the outboard. */
  public long pairs() {
    return groups() - 1;
  }

  /** Bytes of the outboard. */
  public long outboardBytes() {
    return pairs() * PAIR_BYTES;
  }

  /** The chunk at which a node of more than one chunk splits. */
  public static long split(long start, long end) {
    return start + Long.highestOneBit(end - start - 1);
  }

  /** Number of chunk groups that a node of more than a group, or any whole group, touches. */
  static long groupsOf(long start, long end) {
    return (end - start + GROUP_CHUNKS - 1) / GROUP_CHUNKS;
  }

  /** Bytes of the blob in the chunks from {@code start} to {@code end} - 1. */
  public long bytesIn(long start, long end) {
    return end == chunks() ? sizeBytes - start * CHUNK_BYTES : (end - start) * CHUNK_BYTES;
  }

  /** Whether the node is the whole blob, so that its value carries the ROOT flag. */
  public boolean isRoot(long start, long end) {
    return start == 0 && end == chunks();
  }

  /** Position in the outboard of the pair of a node's left child. */
  static long leftPairIndex(long pairIndex) {
    return pairIndex + 1;
  }

  /** Position in the outboard of the pair of a node's right child. */
  static long rightPairIndex(long pairIndex, long start, long middle) {
    return pairIndex + groupsOf(start, middle);
  }

  /**
   * Position in the outboard of the pair of the node that covers the chunks from {@code start} to
   * {@code end} - 1, which must be a node of more than one chunk group.
   */
  public long pairIndex(long start, long end) {
    long low = 0;
    long high = chunks();
    long index = 0;
    while (low != start || high != end) {
      if (high - low <= GROUP_CHUNKS) {
        throw new IllegalArgumentException("no node: " + start + ".." + end);
      }
      long middle = split(low, high);
      if (start < middle) {
        index = leftPairIndex(index);
        high = middle;
      } else {
        index = rightPairIndex(index, low, middle);
        low = middle;
      }
    }
    return index;
  }
}
