package org.veilor.seed.blobs.getter;

import java.util.List;
import java.util.OptionalLong;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;

/**
 * What to ask for, given what is wanted and what is here (iroh-blobs {@code remote.rs}, {@code
 * LocalInfo::missing}).
 *
 * <p>Unlike there, whole chunk groups are asked for even if chunks of them are here: of a partial
 * group nothing can be served to others, because the pairs inside it are in no outboard. And a
 * request never exceeds {@link BlobsLimits#MAX_ASKED_BOUNDARIES}: it is about the lower part of
 * what is missing then, so that asking again until nothing is missing leads to the end.
 */
public final class MissingRanges {
  /** No blob has a chunk of this number: sizes are below 2^63. */
  private static final long MAX_CHUNKS = 1L << (63 - 10);

  private MissingRanges() {}

  /** What to ask for of one blob: empty if everything wanted is here. */
  public static ChunkRanges ofBlob(ChunkRanges wanted, Holding holding) {
    ChunkRanges missing =
        holding.sizeProven() ? ofKnown(wanted, holding) : ofUnknown(wanted, holding);
    return missing.boundaryCount() <= BlobsLimits.MAX_ASKED_BOUNDARIES
        ? missing
        : missing.slice(0, missing.boundary(BlobsLimits.MAX_ASKED_BOUNDARIES));
  }

  private static ChunkRanges ofKnown(ChunkRanges wanted, Holding holding) {
    if (holding.sizeBytes() == 0) {
      return ChunkRanges.EMPTY; // everybody has the empty blob
    }
    long chunks = new BaoTree(holding.sizeBytes()).chunks();
    ChunkRanges missing =
        wanted.canonicalise(holding.sizeBytes()).minus(holding.present()).toGroups();
    // Behind the end an open range is meant by all, and the shortest to write.
    return missing.contains(chunks - 1) ? missing.union(ChunkRanges.from(chunks - 1)) : missing;
  }

  /** Without a proven size only what is present can be left out, and the end has to stay open. */
  private static ChunkRanges ofUnknown(ChunkRanges wanted, Holding holding) {
    ChunkRanges missing = wanted.minus(holding.present());
    ChunkRanges groups = missing.slice(0, MAX_CHUNKS).toGroups();
    if (!missing.isOpenEnded() && missing.slice(MAX_CHUNKS, -1L).isEmpty()) {
      return groups;
    }
    // Asked for beyond all sizes: the last chunk, of its group as much as the claimed size tells.
    ChunkRanges end =
        missing.isOpenEnded() && groups.contains(MAX_CHUNKS - 1)
            ? ChunkRanges.from(MAX_CHUNKS - 1)
            : ChunkRanges.LAST_CHUNK.union(claimedLastGroup(holding.sizeBytes()));
    return groups.union(end);
  }

  private static ChunkRanges claimedLastGroup(long sizeBytes) {
    long chunks = new BaoTree(sizeBytes).chunks();
    return sizeBytes == 0
        ? ChunkRanges.EMPTY
        : ChunkRanges.range(chunks - 1, chunks).toGroups().slice(0, chunks);
  }

  /**
   * What to ask for of a hash sequence and its children: nothing if all that is wanted is here.
   *
   * <p>While the size of the root is not proven the number of children is unknown, and what is
   * wanted without end is asked for without end.
   *
   * @param wanted index 0 is the root
   * @param children what is here of the first children; of the others nothing is
   */
  public static ChunkRangesSequence ofSequence(
      ChunkRangesSequence wanted, Holding root, List<Holding> children) {
    OptionalLong end =
        root.sizeProven()
            ? OptionalLong.of(root.sizeBytes() / Hash.LENGTH + 1)
            : OptionalLong.empty();
    Asked asked = new Asked();
    OptionalLong next = OptionalLong.of(0);
    while (next.isPresent() && isBefore(next.getAsLong(), end)) {
      long index = next.getAsLong();
      if (!asked.add(index, ofBlob(wanted.at(index), holding(index, root, children)))) {
        return asked.until(next);
      }
      next =
          Long.compareUnsigned(index, children.size()) <= 0
              ? OptionalLong.of(index + 1)
              : wanted.nextChange(index);
    }
    return asked.until(end);
  }

  /** A request in the making, kept below its limits. */
  private static final class Asked {
    private final ChunkRangesSequence.Builder sequence = ChunkRangesSequence.builder();
    private ChunkRanges last = ChunkRanges.EMPTY;
    private int entries;
    private int boundaries;

    /** Adds an entry unless there are too many already; whether it did. */
    boolean add(long index, ChunkRanges ranges) {
      if (ranges.equals(last)) {
        return true;
      }
      int more = ranges.boundaryCount();
      if (entries + 1 >= BlobsLimits.MAX_ASKED_BOUNDARIES
          || boundaries + more > BlobsLimits.MAX_ASKED_BOUNDARIES) {
        return false;
      }
      sequence.add(index, ranges);
      last = ranges;
      entries++;
      boundaries += more;
      return true;
    }

    /** The request, without anything from an index on, if one is given. */
    ChunkRangesSequence until(OptionalLong end) {
      if (end.isPresent()) {
        sequence.add(end.getAsLong(), ChunkRanges.EMPTY);
      }
      return sequence.build();
    }
  }

  private static boolean isBefore(long index, OptionalLong end) {
    return end.isEmpty() || Long.compareUnsigned(index, end.getAsLong()) < 0;
  }

  private static Holding holding(long index, Holding root, List<Holding> children) {
    if (index == 0) {
      return root;
    }
    return Long.compareUnsigned(index - 1, children.size()) < 0
        ? children.get((int) (index - 1))
        : Holding.NOTHING;
  }
}
