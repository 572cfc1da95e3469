package org.veilor.seed.core.bao;

import java.util.Arrays;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A set of chunk numbers, unsigned 64-bit, as a strictly increasing list of boundaries: even
 * positions start a range, odd positions end it (exclusively). With an odd number of boundaries the
 * last range is open-ended.
 *
 * <p>{@code []} is nothing, {@code [0]} everything. Boundaries compare as unsigned, so that the
 * "last chunk" request {@code [2^64 - 1]} is the {@code long} -1.
 */
public final class ChunkRanges {
  /** No chunk. */
  public static final ChunkRanges EMPTY = new ChunkRanges(new long[0]);

  /** Every chunk. */
  public static final ChunkRanges ALL = new ChunkRanges(new long[] {0});

  /** The chunk 2^64 - 1 and what follows: asks for the last chunk of a blob of unknown size. */
  public static final ChunkRanges LAST_CHUNK = new ChunkRanges(new long[] {-1L});

  private final long[] boundaries;

  private ChunkRanges(long[] boundaries) {
    this.boundaries = boundaries;
  }

  /**
   * The set with these boundaries.
   *
   * @throws IllegalArgumentException if they do not increase strictly as unsigned numbers
   */
  public static ChunkRanges ofBoundaries(long... boundaries) {
    for (int i = 1; i < boundaries.length; i++) {
      if (Long.compareUnsigned(boundaries[i - 1], boundaries[i]) >= 0) {
        throw new IllegalArgumentException("boundary " + i + " does not increase");
      }
    }
    return boundaries.length == 0 ? EMPTY : new ChunkRanges(boundaries.clone());
  }

  /**
   * The chunks from {@code start} to {@code end} - 1; empty unless start is below end, unsigned.
   */
  public static ChunkRanges range(long start, long end) {
    return Long.compareUnsigned(start, end) < 0 ? new ChunkRanges(new long[] {start, end}) : EMPTY;
  }

  /** All chunks from {@code start}. */
  public static ChunkRanges from(long start) {
    return start == 0 ? ALL : new ChunkRanges(new long[] {start});
  }

  /** The chunks that hold the bytes from {@code start} to {@code end} - 1 (iroh-blobs rounding). */
  public static ChunkRanges ofBytes(long start, long end) {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("no byte range: " + start + ".." + end);
    }
    return start == end
        ? EMPTY
        : range(start / BaoTree.CHUNK_BYTES, (end - 1) / BaoTree.CHUNK_BYTES + 1);
  }

  /** Number of boundaries. */
  public int boundaryCount() {
    return boundaries.length;
  }

  /** The boundary at {@code index}, unsigned. */
  public long boundary(int index) {
    return boundaries[index];
  }

  /** Whether no chunk is in the set. */
  public boolean isEmpty() {
    return boundaries.length == 0;
  }

  /** Whether every chunk number is in the set. */
  public boolean isAll() {
    return boundaries.length == 1 && boundaries[0] == 0;
  }

  /** Whether the last range has no end. */
  public boolean isOpenEnded() {
    return boundaries.length % 2 == 1;
  }

  /** Whether the chunk is in the set. */
  public boolean contains(long chunk) {
    return boundariesUpTo(chunk) % 2 == 1;
  }

  /** Whether any chunk from {@code start} to {@code end} - 1 is in the set; start is below end. */
  public boolean intersects(long start, long end) {
    int upToStart = boundariesUpTo(start);
    return upToStart % 2 == 1
        || (upToStart < boundaries.length && Long.compareUnsigned(boundaries[upToStart], end) < 0);
  }

  /**
   * Whether all chunks from {@code start} to {@code end} - 1 are in the set; start is below end.
   */
  public boolean containsAll(long start, long end) {
    int upToStart = boundariesUpTo(start);
    return upToStart % 2 == 1
        && (upToStart == boundaries.length
            || Long.compareUnsigned(boundaries[upToStart], end) >= 0);
  }

  /** How many boundaries are at most {@code chunk}: odd exactly if the chunk is in the set. */
  private int boundariesUpTo(long chunk) {
    int low = 0;
    int high = boundaries.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(boundaries[middle], chunk) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The chunks that are in this set or in the other one. */
  public ChunkRanges union(ChunkRanges other) {
    return combine(other, Combination.UNION);
  }

  /** The chunks that are in both sets. */
  public ChunkRanges intersect(ChunkRanges other) {
    return combine(other, Combination.INTERSECTION);
  }

  /** The chunks of this set that are not in the other one. */
  public ChunkRanges minus(ChunkRanges other) {
    return combine(other, Combination.DIFFERENCE);
  }

  /** The chunks of this set from {@code start} to {@code end} - 1. */
  public ChunkRanges slice(long start, long end) {
    return intersect(range(start, end));
  }

  /**
   * What the set selects in a blob of {@code sizeBytes} bytes: the chunks of the blob that are in
   * the set, and the last chunk instead of all those that would lie behind it (bao-tree {@code
   * truncate_ranges}). Never empty for a set that is not empty, and never open-ended.
   *
   * @param sizeBytes 0 or more
   */
  public ChunkRanges canonicalise(long sizeBytes) {
    long chunks = new BaoTree(sizeBytes).chunks();
    ChunkRanges inside = slice(0, chunks);
    boolean reachesBeyond =
        isOpenEnded()
            || (boundaries.length > 0
                && Long.compareUnsigned(boundaries[boundaries.length - 1], chunks) > 0);
    return reachesBeyond ? inside.union(range(chunks - 1, chunks)) : inside;
  }

  /**
   * All chunks of the chunk groups that this set touches. A range that would end above 2^64 - 1 has
   * no end. It knows no size: the last group is rounded up beyond the end of the blob.
   */
  public ChunkRanges toGroups() {
    long mask = BaoTree.GROUP_CHUNKS - 1;
    long[] out = new long[boundaries.length];
    int length = 0;
    for (int i = 0; i < boundaries.length; i += 2) {
      long start = boundaries[i] & ~mask;
      if (length > 0 && Long.compareUnsigned(start, out[length - 1]) <= 0) {
        length--; // in or right behind the last group so far: that range goes on
      } else {
        out[length++] = start;
      }
      long end = i + 1 < boundaries.length ? (boundaries[i + 1] + mask) & ~mask : 0;
      if (end == 0) {
        break; // 0 is 2^64 too; only the last range can end there
      }
      out[length++] = end;
    }
    return length == 0 ? EMPTY : new ChunkRanges(Arrays.copyOf(out, length));
  }

  /**
   * How many chunks are in the set.
   *
   * @throws IllegalStateException if it is open-ended
   */
  public long count() {
    if (isOpenEnded()) {
      throw new IllegalStateException("open-ended: " + this);
    }
    long count = 0;
    for (int i = 0; i < boundaries.length; i += 2) {
      count += boundaries[i + 1] - boundaries[i];
    }
    return count;
  }

  /**
   * The lowest chunks of the set, at most {@code count} of them: a share that one provider is asked
   * for.
   *
   * @param count 0 or more
   */
  public ChunkRanges lowest(long count) {
    long left = count;
    for (int i = 0; i < boundaries.length; i += 2) {
      long start = boundaries[i];
      boolean open = i + 1 == boundaries.length;
      // The width of what is open-ended is taken as 2^64 - 1 where it would be 2^64.
      long width = open ? (start == 0 ? -1L : -start) : boundaries[i + 1] - start;
      if (Long.compareUnsigned(left, width) < 0) {
        return slice(0, start + left);
      }
      left -= width;
    }
    return this;
  }

  private enum Combination {
    UNION,
    INTERSECTION,
    DIFFERENCE;

    boolean holds(boolean inFirst, boolean inSecond) {
      return switch (this) {
        case UNION -> inFirst || inSecond;
        case INTERSECTION -> inFirst && inSecond;
        case DIFFERENCE -> inFirst && !inSecond;
      };
    }
  }

  /** Sweeps over the boundaries of both sets and writes one wherever membership changes. */
  private ChunkRanges combine(ChunkRanges other, Combination combination) {
    long[] a = boundaries;
    long[] b = other.boundaries;
    long[] out = new long[a.length + b.length];
    int length = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      int order = i == a.length ? 1 : j == b.length ? -1 : Long.compareUnsigned(a[i], b[j]);
      long at = order <= 0 ? a[i] : b[j];
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
      boolean member = combination.holds(i % 2 == 1, j % 2 == 1);
      if (member != (length % 2 == 1)) {
        out[length++] = at;
      }
    }
    return length == 0 ? EMPTY : new ChunkRanges(Arrays.copyOf(out, length));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkRanges that && Arrays.equals(boundaries, that.boundaries);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(boundaries);
  }

  /** For example {@code 0..16, 96..}; {@code nothing} if empty. */
  @Override
  public String toString() {
    StringJoiner out = new StringJoiner(", ").setEmptyValue("nothing");
    for (int i = 0; i < boundaries.length; i += 2) {
      String end = i + 1 < boundaries.length ? Long.toUnsignedString(boundaries[i + 1]) : "";
      out.add(Long.toUnsignedString(boundaries[i]) + ".." + end);
    }
    return out.toString();
  }
}
