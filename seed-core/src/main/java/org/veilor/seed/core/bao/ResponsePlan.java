package org.veilor.seed.core.bao;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The items of the response for some ranges of a blob, in the order of the wire: a pre-order walk
 * of the tree that visits selected nodes only (bao-tree {@code ResponseIter} with a minimum full
 * level of 4).
 *
 * <p>A node without a selected chunk is left out. A fully selected node of at most 16 chunks is one
 * leaf, any other node of more than one chunk is a parent. The walk is lazy: the stack holds the
 * right siblings still to be visited, at most one a level, however large the blob is.
 */
public final class ResponsePlan implements Iterator<BaoItem> {
  private final BaoTree tree;
  private final ChunkRanges selected;
  private final long[] starts = new long[BaoTree.MAX_DEPTH + 1];
  private final long[] ends = new long[BaoTree.MAX_DEPTH + 1];
  private final long[] pairIndices = new long[BaoTree.MAX_DEPTH + 1];
  private int depth;

  /**
   * Starts the walk.
   *
   * @param ranges as in the request; they are {@linkplain ChunkRanges#canonicalise canonicalised}
   */
  public ResponsePlan(BaoTree tree, ChunkRanges ranges) {
    this.tree = tree;
    this.selected = ranges.canonicalise(tree.sizeBytes());
    if (!selected.isEmpty()) {
      push(0, tree.chunks(), 0);
    }
  }

  private void push(long start, long end, long pairIndex) {
    starts[depth] = start;
    ends[depth] = end;
    pairIndices[depth] = pairIndex;
    depth++;
  }

  @Override
  public boolean hasNext() {
    return depth > 0;
  }

  @Override
  public BaoItem next() {
    if (depth == 0) {
      throw new NoSuchElementException("the response is complete");
    }
    depth--;
    long start = starts[depth];
    long end = ends[depth];
    boolean isRoot = tree.isRoot(start, end);
    boolean isLeaf =
        end - start == 1
            || (end - start <= BaoTree.GROUP_CHUNKS && selected.containsAll(start, end));
    return isLeaf
        ? new BaoItem.Leaf(start, end, isRoot, (int) tree.bytesIn(start, end))
        : parent(start, end, isRoot, pairIndices[depth]);
  }

  private BaoItem.Parent parent(long start, long end, boolean isRoot, long pairIndex) {
    long middle = BaoTree.split(start, end);
    boolean rightSelected = selected.intersects(middle, end);
    boolean leftSelected = selected.intersects(start, middle);
    if (rightSelected) {
      push(middle, end, BaoTree.rightPairIndex(pairIndex, start, middle));
    }
    if (leftSelected) {
      push(start, middle, BaoTree.leftPairIndex(pairIndex));
    }
    boolean inOutboard = end - start > BaoTree.GROUP_CHUNKS;
    long storedIndex = inOutboard ? pairIndex : BaoItem.Parent.INSIDE_GROUP;
    return new BaoItem.Parent(start, end, isRoot, storedIndex, leftSelected, rightSelected);
  }
}
