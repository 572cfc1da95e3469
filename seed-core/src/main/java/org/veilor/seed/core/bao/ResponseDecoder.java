package org.veilor.seed.core.bao;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Takes the response for some ranges of one blob in slices of any length and yields verified items.
 *
 * <p>The stack machine of iroh-blobs: the root hash is expected first; a parent pops its expected
 * value and pushes those of its selected children; a leaf pops its own. At most one item is held
 * unverified. The size header is a claim until the last chunk of the blob has verified ({@link
 * #isSizeProven()}); until then it decides nothing but how the following bytes are read, and
 * nothing is allocated by it.
 *
 * <p>A pair that verifies is a pair of the blob, but under a wrong size it may seem to belong to
 * another node. The chunk numbers that are hashed into a leaf settle that for all nodes above it.
 * So pairs wait for the first leaf below them, at most one a level, and what is yielded is true in
 * its place, whatever size was claimed: no lie makes a store write a pair at offset 2^50.
 */
public final class ResponseDecoder {
  private static final int VALUE_BYTES = SubtreeEngine.VALUE_BYTES;
  private static final int FIRST_WAITING = 8;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What a slice led to. */
  public sealed interface Event {
    /** All bytes of the slice were taken and more are needed. */
    record NeedMore() implements Event {}

    /** The size header; unproven. */
    record Header(long claimedSizeBytes) implements Event {}

    /**
     * A verified pair in its place. It comes with the first leaf below it, before that one.
     *
     * @param buffer holds the 64 bytes from the start; valid until the next call
     */
    @SuppressWarnings("ArrayRecordComponent") // a view, not a value
    record Pair(BaoItem.Parent parent, byte[] buffer) implements Event {}

    /**
     * Verified bytes of the blob.
     *
     * @param buffer holds {@code leaf.lengthBytes()} bytes from the start; valid until the next
     *     call
     */
    @SuppressWarnings("ArrayRecordComponent") // a view, not a value
    record Data(BaoItem.Leaf leaf, byte[] buffer) implements Event {}

    /** The response is complete; further bytes are not taken. */
    record Complete() implements Event {}

    /**
     * The response is worthless from here; what was yielded before stays valid.
     *
     * @param startChunk start of the item at fault, 0 if there is none
     * @param endChunk end of the item at fault, 0 if there is none
     */
    record Failed(Failure failure, long startChunk, long endChunk) implements Event {}
  }

  /** How a response can fail, and what that says about the provider. */
  public enum Failure {
    /** It ended before the header: the provider lacks the blob, or refused to understand. */
    NOT_FOUND,
    /** It ended inside the header. */
    HEADER_TRUNCATED,
    /** It ended right before a parent: the provider lacks the rest, but is healthy. */
    PARENT_MISSING,
    /** It ended right before a leaf: the provider lacks the rest, but is healthy. */
    LEAF_MISSING,
    /** It ended inside an item. */
    ITEM_TRUNCATED,
    /** A pair does not hash to the expected value: it, or the claimed size, is a lie. */
    PARENT_MISMATCH,
    /** A leaf does not hash to the expected value: it, or the claimed size, is a lie. */
    LEAF_MISMATCH,
    /** The claimed size is above the limit of the caller, or above 2^63 - 1. */
    SIZE_REFUSED,
    /**
     * The claimed size is 0, but the blob is not the empty one: the placeholder of a memory store
     * of iroh-blobs 0.104, which means "not found". Nothing of this blob follows.
     */
    SIZE_ZERO
  }

  private final SubtreeEngine engine;
  private ChunkRanges ranges;
  private long maxSizeBytes;
  private long claimedSizeBytes;
  private boolean emptyBlob;
  private final byte[] expected = new byte[(BaoTree.MAX_DEPTH + 1) * VALUE_BYTES];
  private int expectedCount;
  private final byte[] value = new byte[VALUE_BYTES];
  private byte[] buffer = new byte[BaoTree.PAIR_BYTES];
  private int buffered;
  private int consumed;

  /** Verified parents above the next leaf, with their pairs, and how many of them were yielded. */
  private final List<BaoItem.Parent> waiting = new ArrayList<>();

  private byte[] waitingPairs = new byte[FIRST_WAITING * BaoTree.PAIR_BYTES];
  private int waitingYielded;
  private final byte[] pair = new byte[BaoTree.PAIR_BYTES];

  /** A verified leaf, in the buffer, that comes behind the waiting parents. */
  private BaoItem.@Nullable Leaf verifiedLeaf;

  private @Nullable BaoTree tree;
  private @Nullable ResponsePlan plan;
  private @Nullable BaoItem current;
  private Event.@Nullable Failed failed;
  private boolean sizeProven;

  /**
   * Starts to decode.
   *
   * @param ranges as requested, not empty
   * @param maxSizeBytes largest size of the blob that is accepted
   */
  public ResponseDecoder(SubtreeEngine engine, Hash hash, ChunkRanges ranges, long maxSizeBytes) {
    this.engine = engine;
    this.ranges = ranges;
    start(hash, ranges, maxSizeBytes);
  }

  /**
   * Starts over with the response for another blob, in the memory of this one.
   *
   * @param newRanges as requested, not empty
   * @param newMaxSizeBytes largest size of the blob that is accepted
   */
  public void restart(Hash hash, ChunkRanges newRanges, long newMaxSizeBytes) {
    start(hash, newRanges, newMaxSizeBytes);
  }

  private void start(Hash hash, ChunkRanges newRanges, long newMaxSizeBytes) {
    if (newRanges.isEmpty()) {
      throw new IllegalArgumentException("an empty range set has no response");
    }
    ranges = newRanges;
    maxSizeBytes = newMaxSizeBytes;
    emptyBlob = hash.equals(Hash.EMPTY_BLOB);
    claimedSizeBytes = 0;
    buffered = 0;
    consumed = 0;
    tree = null;
    plan = null;
    current = null;
    failed = null;
    verifiedLeaf = null;
    waiting.clear();
    waitingYielded = 0;
    sizeProven = false;
    hash.writeTo(expected, 0);
    expectedCount = 1;
  }

  /** The size header, unsigned and unproven, also one that was refused; 0 before it has come. */
  public long claimedSizeBytes() {
    return claimedSizeBytes;
  }

  /** Bytes that the last {@link #next} took from its slice. */
  public int consumed() {
    return consumed;
  }

  /** Whether the last chunk of the blob has verified, which proves the claimed size. */
  public boolean isSizeProven() {
    return sizeProven;
  }

  /**
   * Takes bytes up to the next event. Call it again with the rest of the slice until it needs more;
   * a failure stays.
   */
  public Event next(byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    consumed = 0;
    if (failed != null) {
      return failed;
    }
    if (verifiedLeaf != null) {
      return yieldVerified(verifiedLeaf);
    }
    if (plan == null) {
      return take(data, offset, length, ResponseEncoder.HEADER_BYTES)
          ? header()
          : new Event.NeedMore();
    }
    return items(plan, data, offset, length);
  }

  /** Takes items up to the next one that can be yielded: parents have to wait. */
  private Event items(ResponsePlan items, byte[] data, int offset, int length) {
    while (current != null || items.hasNext()) {
      BaoItem item = current == null ? items.next() : current;
      current = item;
      if (!take(data, offset, length, item.lengthBytes())) {
        return new Event.NeedMore();
      }
      buffered = 0;
      current = null;
      Event event =
          switch (item) {
            case BaoItem.Parent parent -> parent(parent);
            case BaoItem.Leaf leaf -> leaf(leaf);
          };
      if (event != null) {
        return event;
      }
    }
    return new Event.Complete();
  }

  /** Says what the end of the stream means, if it comes now. */
  public Event endOfStream() {
    if (failed != null) {
      return failed;
    }
    if (plan == null) {
      return fail(buffered == 0 ? Failure.NOT_FOUND : Failure.HEADER_TRUNCATED, 0, 0);
    }
    if (current == null && !plan.hasNext()) {
      return new Event.Complete();
    }
    BaoItem item = current == null ? plan.next() : current;
    Failure failure =
        buffered > 0
            ? Failure.ITEM_TRUNCATED
            : item instanceof BaoItem.Parent ? Failure.PARENT_MISSING : Failure.LEAF_MISSING;
    return fail(failure, item.startChunk(), item.endChunk());
  }

  /**
   * Fills the buffer up to {@code wanted} bytes with what was not taken yet; whether it is full.
   */
  private boolean take(byte[] data, int offset, int length, int wanted) {
    if (buffer.length < wanted) {
      buffer = Arrays.copyOf(buffer, wanted);
    }
    int count = Math.min(wanted - buffered, length - consumed);
    System.arraycopy(data, offset + consumed, buffer, buffered, count);
    consumed += count;
    buffered += count;
    return buffered == wanted;
  }

  private Event header() {
    buffered = 0;
    long size = (long) LONG.get(buffer, 0);
    claimedSizeBytes = size;
    if (size < 0 || size > maxSizeBytes) {
      return fail(Failure.SIZE_REFUSED, 0, 0);
    }
    if (size == 0 && !emptyBlob) {
      return fail(Failure.SIZE_ZERO, 0, 0);
    }
    tree = new BaoTree(size);
    plan = new ResponsePlan(tree, ranges);
    return new Event.Header(size);
  }

  /** Keeps a pair for the leaf below it; a failure if it does not verify. */
  private @Nullable Event parent(BaoItem.Parent parent) {
    engine.parentValue(buffer, 0, parent.isRoot(), value, 0);
    if (!popExpected()) {
      return fail(Failure.PARENT_MISMATCH, parent.startChunk(), parent.endChunk());
    }
    if (parent.rightSelected()) {
      pushExpected(VALUE_BYTES);
    }
    if (parent.leftSelected()) {
      pushExpected(0);
    }
    waitForLeaf(parent);
    return null;
  }

  private void waitForLeaf(BaoItem.Parent parent) {
    int at = waiting.size() * BaoTree.PAIR_BYTES;
    if (at == waitingPairs.length) {
      waitingPairs = Arrays.copyOf(waitingPairs, 2 * at);
    }
    System.arraycopy(buffer, 0, waitingPairs, at, BaoTree.PAIR_BYTES);
    waiting.add(parent);
  }

  private Event leaf(BaoItem.Leaf leaf) {
    engine.subtreeValue(buffer, 0, leaf.lengthBytes(), leaf.startChunk(), leaf.isRoot(), value, 0);
    if (!popExpected()) {
      return fail(Failure.LEAF_MISMATCH, leaf.startChunk(), leaf.endChunk());
    }
    verifiedLeaf = leaf;
    return yieldVerified(leaf);
  }

  /** The parents that have waited, one a call, then the leaf. */
  private Event yieldVerified(BaoItem.Leaf leaf) {
    if (waitingYielded < waiting.size()) {
      int at = waitingYielded * BaoTree.PAIR_BYTES;
      System.arraycopy(waitingPairs, at, pair, 0, BaoTree.PAIR_BYTES);
      return new Event.Pair(waiting.get(waitingYielded++), pair);
    }
    waiting.clear();
    waitingYielded = 0;
    verifiedLeaf = null;
    if (leaf.endChunk() == Objects.requireNonNull(tree).chunks()) {
      sizeProven = true;
    }
    return new Event.Data(leaf, buffer);
  }

  private Event fail(Failure failure, long startChunk, long endChunk) {
    failed = new Event.Failed(failure, startChunk, endChunk);
    return failed;
  }

  private void pushExpected(int offset) {
    System.arraycopy(buffer, offset, expected, expectedCount * VALUE_BYTES, VALUE_BYTES);
    expectedCount++;
  }

  private boolean popExpected() {
    expectedCount--;
    int from = expectedCount * VALUE_BYTES;
    return Arrays.equals(value, 0, VALUE_BYTES, expected, from, from + VALUE_BYTES);
  }
}
