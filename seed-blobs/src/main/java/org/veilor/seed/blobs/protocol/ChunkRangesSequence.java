package org.veilor.seed.blobs.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * An infinite list of range sets, one for each item that a request could mean (iroh-blobs {@code
 * ChunkRangesSeq}).
 *
 * <p>It is held by run lengths: an entry's set applies from its index up to the next entry's index,
 * the last one for ever; before the first entry everything is empty. Neighbours differ, so that
 * each list has exactly one form. Indices are unsigned 64-bit.
 *
 * <p>In a Get index 0 is the root and index i the child i - 1; in a GetMany index i is the i-th
 * hash.
 */
public final class ChunkRangesSequence {
  /** Every chunk of every item: a hash sequence with all its children. */
  public static final ChunkRangesSequence ALL = builder().add(0, ChunkRanges.ALL).build();

  /** Nothing at all. */
  public static final ChunkRangesSequence EMPTY = builder().build();

  private static final int MIN_ENTRY_BYTES = 2;

  private record Entry(long index, ChunkRanges ranges) {}

  private final List<Entry> entries;

  private ChunkRangesSequence(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Collects entries in the order of their indices and leaves out those that change nothing. */
  public static final class Builder {
    private final List<Entry> entries = new ArrayList<>();
    private ChunkRanges last = ChunkRanges.EMPTY;
    private long lastIndex;
    private boolean started;

    private Builder() {}

    /**
     * The set from this index on.
     *
     * @throws IllegalArgumentException if the index is not above that of the entry before
     */
    public Builder add(long index, ChunkRanges ranges) {
      if (started && Long.compareUnsigned(index, lastIndex) <= 0) {
        throw new IllegalArgumentException("index " + index + " does not increase");
      }
      started = true;
      lastIndex = index;
      if (!ranges.equals(last)) {
        entries.add(new Entry(index, ranges));
        last = ranges;
      }
      return this;
    }

    /** The list. */
    public ChunkRangesSequence build() {
      return new ChunkRangesSequence(entries);
    }
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** One blob, the root or only one: these ranges at index 0, nothing after it. */
  public static ChunkRangesSequence single(ChunkRanges ranges) {
    return only(0, ranges);
  }

  /** These ranges of the item at {@code index}, nothing else. */
  public static ChunkRangesSequence only(long index, ChunkRanges ranges) {
    return builder().add(index, ranges).add(index + 1, ChunkRanges.EMPTY).build();
  }

  /** One set for the root and one for each child. */
  public static ChunkRangesSequence rootAndChildren(ChunkRanges root, ChunkRanges children) {
    return builder().add(0, root).add(1, children).build();
  }

  /** The set of the item at {@code index}. */
  public ChunkRanges at(long index) {
    int entry = entryAt(index);
    return entry < 0 ? ChunkRanges.EMPTY : entries.get(entry).ranges();
  }

  /** Position of the entry that applies to {@code index}, or -1. */
  private int entryAt(long index) {
    int low = 0;
    int high = entries.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(entries.get(middle).index(), index) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /**
   * The first index from {@code from} on, unsigned, whose set is not empty. It is computed, not
   * searched: a request may name index 2^62, and counting up to it would cost hours.
   */
  public OptionalLong nextNonEmpty(long from) {
    int entry = entryAt(from);
    if (entry >= 0 && !entries.get(entry).ranges().isEmpty()) {
      return OptionalLong.of(from);
    }
    // Neighbours differ: behind an empty entry comes one that is not.
    int next = entry + 1;
    return next < entries.size()
        ? OptionalLong.of(entries.get(next).index())
        : OptionalLong.empty();
  }

  /** The first index above {@code index}, unsigned, whose set differs from the one there. */
  public OptionalLong nextChange(long index) {
    int next = entryAt(index) + 1;
    return next < entries.size()
        ? OptionalLong.of(entries.get(next).index())
        : OptionalLong.empty();
  }

  /** Whether no item behind index 0 is selected, so that the request is about one blob. */
  public boolean isSingleBlob() {
    return nextNonEmpty(1).isEmpty();
  }

  /** Whether the items selected end at some index, whatever the number of children. */
  public boolean isFinite() {
    return entries.isEmpty() || entries.getLast().ranges().isEmpty();
  }

  /** Writes the list. */
  void encode(PostcardWriter out) {
    out.writeVarint(entries.size());
    long previous = 0;
    for (Entry entry : entries) {
      out.writeVarint(entry.index() - previous);
      ChunkRangesCodec.encodeDeltas(entry.ranges(), out);
      previous = entry.index();
    }
  }

  /**
   * Reads a list in its one canonical form, as since iroh-blobs 0.104.
   *
   * @throws MalformedException on repeated indices or sets, numbers above 2^64 - 1, or more than
   *     the {@link BlobsLimits} allow
   */
  static ChunkRangesSequence decode(PostcardReader in) throws MalformedException {
    int count = in.readCount(BlobsLimits.MAX_ENTRIES, MIN_ENTRY_BYTES);
    int boundariesLeft = BlobsLimits.MAX_BOUNDARIES;
    List<Entry> entries = new ArrayList<>(count);
    ChunkRanges previous = ChunkRanges.EMPTY;
    long index = 0;
    for (int i = 0; i < count; i++) {
      long delta = in.readU64();
      if (i > 0 && delta == 0) {
        throw in.malformed("index repeated");
      }
      if (Long.compareUnsigned(index + delta, index) < 0) {
        throw in.malformed("index above 2^64 - 1");
      }
      index += delta;
      ChunkRanges ranges = ChunkRangesCodec.decodeDeltas(in, boundariesLeft);
      if (ranges.equals(previous)) {
        throw in.malformed("set repeated");
      }
      boundariesLeft -= ranges.boundaryCount();
      entries.add(new Entry(index, ranges));
      previous = ranges;
    }
    return new ChunkRangesSequence(entries);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkRangesSequence that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  /** For example {@code 0: 0.., 1: nothing}. */
  @Override
  public String toString() {
    StringJoiner out = new StringJoiner("; ");
    entries.forEach(entry -> out.add(Long.toUnsignedString(entry.index()) + ": " + entry.ranges()));
    return out.toString();
  }
}
