package org.veilor.seed.blobs.getter;

import org.veilor.seed.core.bao.ChunkRanges;

/**
 * What is here of one blob.
 *
 * @param present the chunks that have verified; an open end is allowed if the size is proven
 * @param sizeBytes as proven, or as claimed by someone; 0 if nobody has said anything
 * @param sizeProven whether the last chunk has verified at some time
 */
public record Holding(ChunkRanges present, long sizeBytes, boolean sizeProven) {
  /** Nothing at all. */
  public static final Holding NOTHING = new Holding(ChunkRanges.EMPTY, 0, false);

  /** Checks the size. */
  public Holding {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("negative size: " + sizeBytes);
    }
    if (!sizeProven && present.isOpenEnded()) {
      throw new IllegalArgumentException("the last chunk is present, but the size not proven");
    }
  }

  /** The whole blob. */
  public static Holding complete(long sizeBytes) {
    return new Holding(ChunkRanges.ALL, sizeBytes, true);
  }

  /** A part of a blob whose size is known for sure. */
  public static Holding proven(ChunkRanges present, long sizeBytes) {
    return new Holding(present, sizeBytes, true);
  }

  /** A part of a blob whose size is only what a provider has said; 0 if it is unknown. */
  public static Holding claimed(ChunkRanges present, long sizeBytes) {
    return new Holding(present, sizeBytes, false);
  }

  /** Whether nothing is missing. */
  public boolean isComplete() {
    return MissingRanges.ofBlob(ChunkRanges.ALL, this).isEmpty();
  }
}
