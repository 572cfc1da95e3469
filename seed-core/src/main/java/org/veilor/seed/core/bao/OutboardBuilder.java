package org.veilor.seed.core.bao;

import java.io.IOException;
import java.util.Objects;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Reads a blob once, from front to back, and yields its hash and its outboard.
 *
 * <p>The size has to be known at the start, because the place of a pair in the pre-order outboard
 * depends on the whole tree; with it every pair goes to its {@link OutboardSink} as soon as it is
 * known, and memory stays at one batch whatever the size. A blob that turns out longer or shorter
 * (a file that changed while it was read) is an outcome, not an error.
 *
 * <p>Chunk groups are hashed in batches of {@value #BATCH_GROUPS}, aligned to the tree, so that an
 * engine can work on many groups and many parents at once; the values of complete batches wait on a
 * stack as in {@link org.veilor.seed.core.hash.Blake3Hasher}. One thread may use a builder at a
 * time.
 */
public final class OutboardBuilder {
  /** Groups of a batch: a power of two, a complete subtree of 1 MiB. */
  static final int BATCH_GROUPS = 64;

  private static final int VALUE_BYTES = SubtreeEngine.VALUE_BYTES;
  private static final int GROUP_BYTES = BaoTree.GROUP_BYTES;
  private static final byte[] NOTHING = {};

  /** What came of reading the blob. */
  public sealed interface Result {
    /** The blob had the announced size; every pair has been written to the sink. */
    record Built(Hash hash, long sizeBytes) implements Result {}

    /** The blob was shorter or longer than announced; what the sink received is worthless. */
    record SizeChanged(long announcedBytes, long seenBytes) implements Result {}
  }

  private final SubtreeEngine engine;
  private final BaoTree tree;
  private final OutboardSink sink;

  /** Only as large as it has to be, and only if it has to be: most blobs are small. */
  private byte[] partialGroup = NOTHING;

  private int partialBytes;
  private long seenBytes;
  private boolean isRootOnStack;

  private final byte[] batch;
  private int batchGroups;
  private long batchStartChunk;

  /** Values of complete nodes, each left of the next; two at the end are a pair. */
  private final byte[] stack;

  private final long[] stackStarts;
  private final long[] stackEnds;
  private int stackSize;

  /**
   * Creates a builder.
   *
   * @param sizeBytes announced size of the blob
   * @param sink receives {@link BaoTree#pairs()} pairs
   */
  public OutboardBuilder(SubtreeEngine engine, long sizeBytes, OutboardSink sink) {
    this.engine = engine;
    this.tree = new BaoTree(sizeBytes);
    this.sink = sink;
    this.batch = new byte[(int) Math.min(BATCH_GROUPS, tree.groups()) * VALUE_BYTES];
    int depth = Long.SIZE - Long.numberOfLeadingZeros(tree.groups()) + 2;
    this.stack = new byte[depth * VALUE_BYTES];
    this.stackStarts = new long[depth];
    this.stackEnds = new long[depth];
  }

  /** Adds the next bytes of the blob. Bytes beyond the announced size are only counted. */
  public void update(byte[] data, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, data.length);
    int position = offset;
    int end = offset + (int) Math.max(0, Math.min(length, tree.sizeBytes() - seenBytes));
    if (tree.groups() == 1 && seenBytes == 0 && end - offset == tree.sizeBytes()) {
      engine.subtreeValue(data, offset, end - offset, 0, true, stack, 0);
      isRootOnStack = true;
      position = end;
    }
    seenBytes += length;
    while (position < end) {
      int groups = groupsToHashInPlace(end - position);
      if (groups > 0) {
        addGroups(data, position, groups);
        position += groups * GROUP_BYTES;
      } else {
        int taken = Math.min(GROUP_BYTES - partialBytes, end - position);
        if (partialGroup.length == 0) {
          long left = tree.sizeBytes() - nextChunk() * BaoTree.CHUNK_BYTES;
          partialGroup = new byte[(int) Math.min(GROUP_BYTES, left)];
        }
        System.arraycopy(data, position, partialGroup, partialBytes, taken);
        partialBytes += taken;
        position += taken;
        addPartialGroupIfWhole();
      }
    }
  }

  /** How many groups need not be copied. The only group of a blob, in parts, is: it is the root. */
  private int groupsToHashInPlace(int availableBytes) {
    return partialBytes > 0 || tree.groups() == 1
        ? 0
        : Math.min(availableBytes / GROUP_BYTES, BATCH_GROUPS - batchGroups);
  }

  private void addPartialGroupIfWhole() throws IOException {
    if (partialBytes == GROUP_BYTES && tree.groups() > 1) {
      addGroups(partialGroup, 0, 1);
      partialBytes = 0;
    }
  }

  private void addGroups(byte[] data, int offset, int groups) throws IOException {
    engine.groupValues(data, offset, groups, nextChunk(), batch, batchGroups * VALUE_BYTES);
    batchGroups += groups;
    if (batchGroups == BATCH_GROUPS) {
      reduceWholeBatch();
    }
  }

  private long nextChunk() {
    return batchStartChunk + (long) batchGroups * BaoTree.GROUP_CHUNKS;
  }

  /** Turns 64 groups into two nodes level by level; their parent may be the root. */
  private void reduceWholeBatch() throws IOException {
    int nodes = BATCH_GROUPS;
    int chunksOfNode = BaoTree.GROUP_CHUNKS;
    while (nodes > 2) {
      nodes /= 2;
      chunksOfNode *= 2;
      for (int i = 0; i < nodes; i++) {
        long start = batchStartChunk + (long) i * chunksOfNode;
        long pairIndex = tree.pairIndex(start, start + chunksOfNode);
        sink.writePair(pairIndex, batch, i * BaoTree.PAIR_BYTES);
      }
      engine.parentValues(batch, 0, nodes, batch, 0);
    }
    drainBatch(nodes, chunksOfNode);
  }

  /** Moves the nodes at the front of the batch to the stack. */
  private void drainBatch(int nodes, int chunksOfNode) throws IOException {
    for (int i = 0; i < nodes; i++) {
      System.arraycopy(batch, i * VALUE_BYTES, stack, stackSize * VALUE_BYTES, VALUE_BYTES);
      pushed(batchStartChunk + (long) i * chunksOfNode, chunksOfNode);
    }
    batchStartChunk += (long) nodes * chunksOfNode;
    batchGroups = 0;
  }

  /** Takes note of a node whose value is on the stack, and joins neighbours of equal size. */
  private void pushed(long start, long chunks) throws IOException {
    stackStarts[stackSize] = start;
    stackEnds[stackSize] = start + chunks;
    stackSize++;
    while (stackSize > 1 && nodeChunks(stackSize - 2) == nodeChunks(stackSize - 1)) {
      joinLastTwo();
    }
  }

  private long nodeChunks(int slot) {
    return stackEnds[slot] - stackStarts[slot];
  }

  private void joinLastTwo() throws IOException {
    stackSize--;
    int left = stackSize - 1;
    stackEnds[left] = stackEnds[stackSize];
    int pair = left * VALUE_BYTES;
    sink.writePair(tree.pairIndex(stackStarts[left], stackEnds[left]), stack, pair);
    boolean isRoot = tree.isRoot(stackStarts[left], stackEnds[left]);
    engine.parentValue(stack, pair, isRoot, stack, pair);
  }

  /** Ends the blob. The builder cannot be used any more. */
  public Result finish() throws IOException {
    if (seenBytes != tree.sizeBytes()) {
      return new Result.SizeChanged(tree.sizeBytes(), seenBytes);
    }
    if (isRootOnStack) {
      return new Result.Built(Hash.of(stack, 0), tree.sizeBytes());
    }
    drainBatch(batchGroups, BaoTree.GROUP_CHUNKS);
    boolean isRoot = tree.groups() == 1;
    if (partialBytes > 0 || isRoot) {
      engine.subtreeValue(
          partialGroup, 0, partialBytes, batchStartChunk, isRoot, stack, stackSize * VALUE_BYTES);
      pushed(batchStartChunk, tree.chunks() - batchStartChunk);
    }
    while (stackSize > 1) {
      joinLastTwo();
    }
    return new Result.Built(Hash.of(stack, 0), tree.sizeBytes());
  }
}
