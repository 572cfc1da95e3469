package org.veilor.seed.core.bao;

/**
 * One item of a response: what both sides derive from the size and the ranges, without bytes.
 *
 * <p>An item covers the chunks from {@code startChunk} to {@code endChunk} - 1.
 */
public sealed interface BaoItem {
  /** The first chunk covered. */
  long startChunk();

  /** The chunk behind the last one covered. */
  long endChunk();

  /** Whether the item is the root of the tree. */
  boolean isRoot();

  /** Bytes that the item takes on the wire. */
  int lengthBytes();

  /**
   * An inner node: on the wire the pair of its children's chaining values.
   *
   * @param pairIndex position of the pair in the outboard, or {@link #INSIDE_GROUP}
   * @param leftSelected whether the response goes on into the left child
   * @param rightSelected whether the response goes on into the right child
   */
  record Parent(
      long startChunk,
      long endChunk,
      boolean isRoot,
      long pairIndex,
      boolean leftSelected,
      boolean rightSelected)
      implements BaoItem {
    /** The pair index of nodes of at most one chunk group, which no outboard holds. */
    public static final long INSIDE_GROUP = -1;

    @Override
    public int lengthBytes() {
      return BaoTree.PAIR_BYTES;
    }

    /** Whether an outboard holds the pair. */
    public boolean isInOutboard() {
      return pairIndex != INSIDE_GROUP;
    }
  }

  /**
   * A fully selected subtree of at most one chunk group: on the wire its bytes.
   *
   * @param lengthBytes 1 to 16384; 0 only for the empty blob
   */
  record Leaf(long startChunk, long endChunk, boolean isRoot, int lengthBytes) implements BaoItem {
    /** Position in the blob of the first byte. */
    public long offsetBytes() {
      return startChunk * BaoTree.CHUNK_BYTES;
    }
  }
}
