package org.veilor.seed.blobs.getter;

import org.veilor.seed.core.bao.ChunkRanges;

/**
 * What a provider says it holds of a blob. All of this is its word and no more.
 *
 * @param sizeBytes 0 if unknown
 * @param sizeProven whether the provider says that it has the last chunk, and so knows the size
 * @param present the chunks; open-ended exactly if the size is proven, everything if the blob is
 *     complete
 */
public record Observation(long sizeBytes, boolean sizeProven, ChunkRanges present) {
  /** Nothing is known. */
  public static final Observation UNKNOWN = new Observation(0, false, ChunkRanges.EMPTY);

  /** The empty blob, which everybody has. */
  public static final Observation EMPTY_BLOB = new Observation(0, true, ChunkRanges.ALL);

  /** Whether the provider says that it has the whole blob. */
  public boolean isComplete() {
    return present.isAll();
  }
}
