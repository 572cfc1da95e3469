package org.veilor.seed.core.bao;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Produces the response for some ranges of one blob: 8 bytes of size, little endian, then the items
 * of the {@link ResponsePlan}, one a call, into the caller's buffer.
 *
 * <p>Nothing leaves unverified: the expected chaining values of the nodes on the way wait on a
 * stack, as in a getter, and a pair or a chunk group that does not hash to its expected value ends
 * the response. Pairs inside a chunk group are in no outboard; they are computed from the group,
 * which is read and verified as a whole, once. So a damaged or changed file is never served, and
 * memory stays at one chunk group.
 */
public final class ResponseEncoder {
  /** Bytes of the size header. */
  public static final int HEADER_BYTES = 8;

  /** What one call yields at most: a whole chunk group. */
  public static final int MAX_STEP_BYTES = BaoTree.GROUP_BYTES;

  private static final int VALUE_BYTES = SubtreeEngine.VALUE_BYTES;
  private static final long NO_GROUP = -1;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What a call yields. */
  public sealed interface Step {
    /**
     * Bytes for the wire, at the front of the buffer.
     *
     * @param payloadBytes how many of them are bytes of the blob: all or none
     */
    record Bytes(int length, int payloadBytes) implements Step {}

    /** The response is complete. */
    record Done() implements Step {}

    /** The chunk group or pair that holds this chunk is not present in the blob. */
    record Missing(long chunk) implements Step {}

    /** The blob does not hash to its name from this chunk on: damaged, or changed since import. */
    record Corrupt(long chunk) implements Step {}
  }

  private final SubtreeEngine engine;
  private final BaoSource source;
  private final BaoTree tree;
  private final ChunkRanges present;
  private final ResponsePlan plan;
  private final byte[] expected = new byte[(BaoTree.MAX_DEPTH + 1) * VALUE_BYTES];
  private int expectedCount;
  private byte[] group = {}; // made when an item needs part of a group: seldom
  private final byte[] value = new byte[VALUE_BYTES];
  private long loadedGroup = NO_GROUP;
  private boolean headerSent;

  /**
   * Starts a response.
   *
   * @param source stays the caller's: this does not close it
   * @param ranges as requested, not empty
   */
  public ResponseEncoder(SubtreeEngine engine, Hash hash, BaoSource source, ChunkRanges ranges) {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("an empty range set has no response");
    }
    this.engine = engine;
    this.source = source;
    tree = new BaoTree(source.sizeBytes());
    present = source.presentChunks();
    plan = new ResponsePlan(tree, ranges);
    hash.writeTo(expected, 0);
    expectedCount = 1;
  }

  /** As {@link #next(byte[], int)}, to the front of the buffer. */
  public Step next(byte[] buffer) throws IOException {
    return next(buffer, 0);
  }

  /**
   * Puts the next bytes of the response into {@code buffer}. After any answer but {@link
   * Step.Bytes} the encoder is used up.
   *
   * @param offset where in the buffer; {@link #MAX_STEP_BYTES} must fit behind it
   * @throws IOException if the blob or its outboard cannot be read
   */
  public Step next(byte[] buffer, int offset) throws IOException {
    if (!headerSent) {
      headerSent = true;
      LONG.set(buffer, offset, tree.sizeBytes());
      return new Step.Bytes(HEADER_BYTES, 0);
    }
    if (!plan.hasNext()) {
      return new Step.Done();
    }
    return switch (plan.next()) {
      case BaoItem.Parent parent when parent.isInOutboard() -> storedParent(parent, buffer, offset);
      case BaoItem.Parent parent -> innerParent(parent, buffer, offset);
      case BaoItem.Leaf leaf when isWholeGroup(leaf) -> wholeGroup(leaf, buffer, offset);
      case BaoItem.Leaf leaf -> leaf(leaf, buffer, offset);
    };
  }

  private Step storedParent(BaoItem.Parent parent, byte[] buffer, int offset) throws IOException {
    if (!present.intersects(parent.startChunk(), parent.endChunk())) {
      return new Step.Missing(parent.startChunk());
    }
    source.readPair(parent.pairIndex(), buffer, offset);
    engine.parentValue(buffer, offset, parent.isRoot(), value, 0);
    if (!popExpected(value)) {
      return new Step.Corrupt(parent.startChunk());
    }
    if (parent.rightSelected()) {
      pushExpected(buffer, offset + VALUE_BYTES);
    }
    if (parent.leftSelected()) {
      pushExpected(buffer, offset);
    }
    return new Step.Bytes(BaoTree.PAIR_BYTES, 0);
  }

  private Step innerParent(BaoItem.Parent parent, byte[] buffer, int offset) throws IOException {
    Step problem = loadGroup(parent);
    if (problem != null) {
      return problem;
    }
    long middle = BaoTree.split(parent.startChunk(), parent.endChunk());
    subtreeValue(parent.startChunk(), middle, buffer, offset);
    subtreeValue(middle, parent.endChunk(), buffer, offset + VALUE_BYTES);
    return new Step.Bytes(BaoTree.PAIR_BYTES, 0);
  }

  /** The usual leaf of a full download: no other item needs its bytes again. */
  private boolean isWholeGroup(BaoItem.Leaf leaf) {
    return leaf.lengthBytes() > 0
        && offsetInGroup(leaf.startChunk()) == 0
        && (leaf.lengthBytes() == BaoTree.GROUP_BYTES
            || leaf.startChunk() * BaoTree.CHUNK_BYTES + leaf.lengthBytes() == tree.sizeBytes());
  }

  /** Reads straight into the caller's buffer and verifies there. */
  private Step wholeGroup(BaoItem.Leaf leaf, byte[] buffer, int offset) throws IOException {
    Step problem = readVerified(leaf, buffer, offset);
    return problem != null ? problem : new Step.Bytes(leaf.lengthBytes(), leaf.lengthBytes());
  }

  private Step leaf(BaoItem.Leaf leaf, byte[] buffer, int offset) throws IOException {
    Step problem = loadGroup(leaf);
    if (problem != null) {
      return problem;
    }
    System.arraycopy(group, offsetInGroup(leaf.startChunk()), buffer, offset, leaf.lengthBytes());
    if (leaf.lengthBytes() == 0) {
      return new Step.Done();
    }
    return new Step.Bytes(leaf.lengthBytes(), leaf.lengthBytes());
  }

  /**
   * Reads and verifies the group that holds the item, unless it is the one at hand. The first item
   * of a group that comes up is always the group itself, so that its value is on top of the stack.
   */
  private @Nullable Step loadGroup(BaoItem item) throws IOException {
    long number = item.startChunk() / BaoTree.GROUP_CHUNKS;
    if (number == loadedGroup) {
      return null;
    }
    if (group.length == 0) {
      group = new byte[(int) Math.min(BaoTree.GROUP_BYTES, Math.max(1, tree.sizeBytes()))];
    }
    Step problem = readVerified(item, group, 0);
    if (problem != null) {
      return problem;
    }
    loadedGroup = number;
    return null;
  }

  /** Reads what the item covers and pops the value that it must hash to; null if it does. */
  private @Nullable Step readVerified(BaoItem item, byte[] target, int offset) throws IOException {
    if (tree.sizeBytes() > 0 && !present.containsAll(item.startChunk(), item.endChunk())) {
      return new Step.Missing(item.startChunk());
    }
    int length = (int) tree.bytesIn(item.startChunk(), item.endChunk());
    long position = item.startChunk() * BaoTree.CHUNK_BYTES;
    if (length > 0 && source.readData(position, target, offset, length) != length) {
      return new Step.Corrupt(item.startChunk());
    }
    engine.subtreeValue(target, offset, length, item.startChunk(), item.isRoot(), value, 0);
    if (!popExpected(value)) {
      return new Step.Corrupt(item.startChunk());
    }
    return null;
  }

  private void subtreeValue(long start, long end, byte[] out, int outOffset) {
    int length = (int) tree.bytesIn(start, end);
    engine.subtreeValue(group, offsetInGroup(start), length, start, false, out, outOffset);
  }

  private static int offsetInGroup(long chunk) {
    return (int) (chunk % BaoTree.GROUP_CHUNKS) * BaoTree.CHUNK_BYTES;
  }

  private void pushExpected(byte[] pair, int offset) {
    System.arraycopy(pair, offset, expected, expectedCount * VALUE_BYTES, VALUE_BYTES);
    expectedCount++;
  }

  private boolean popExpected(byte[] actual) {
    expectedCount--;
    int from = expectedCount * VALUE_BYTES;
    return Arrays.equals(actual, 0, VALUE_BYTES, expected, from, from + VALUE_BYTES);
  }
}
