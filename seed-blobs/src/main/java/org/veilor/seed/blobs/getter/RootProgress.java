package org.veilor.seed.blobs.getter;

import java.util.Arrays;
import java.util.Optional;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The root of a hash sequence whose children are requested while it is still coming: its verified
 * bytes, in an array that grows with them and never with a claim. If a part was there before, the
 * whole is hashed once more in the end, so that neither that part nor the claimed size has to be
 * believed.
 */
final class RootProgress {
  private static final int FIRST_BYTES = BaoTree.GROUP_BYTES;

  private final Hash hash;
  private byte[] bytes;
  private final ChunkRanges present;

  /** A root of which nothing is here. */
  RootProgress(Hash hash) {
    this(hash, new byte[0], ChunkRanges.EMPTY);
  }

  /**
   * A root of which a part is here.
   *
   * @param bytes up to the end of what is present at least; copied
   */
  RootProgress(Hash hash, byte[] bytes, ChunkRanges present) {
    this.hash = hash;
    this.bytes = bytes.clone();
    this.present = present;
  }

  /** Whether some chunks are asked for, and all that lack are among them. */
  boolean isCompletedBy(ChunkRanges asked) {
    return !asked.isEmpty() && present.union(asked).isAll();
  }

  /** Keeps a verified leaf: it is part of the root, so that the array stays below its cap. */
  void add(BaoItem.Leaf leaf, byte[] buffer, long claimedSizeBytes) {
    int end = Math.toIntExact(leaf.offsetBytes() + leaf.lengthBytes());
    if (end > bytes.length) {
      long room = Math.max(FIRST_BYTES, Math.max(end, 2L * bytes.length));
      bytes = Arrays.copyOf(bytes, (int) Math.min(room, claimedSizeBytes));
    }
    System.arraycopy(buffer, 0, bytes, (int) leaf.offsetBytes(), leaf.lengthBytes());
  }

  /** Whether the bytes, now that the response is complete, are the blob of this name. */
  boolean isWhole(long claimedSizeBytes) {
    if (present.isEmpty()) {
      return true; // every leaf has verified, the last one included
    }
    return claimedSizeBytes <= bytes.length
        && SubtreeEngine.preferred().hash(bytes, 0, (int) claimedSizeBytes).equals(hash);
  }

  /** The sequence; empty if the proven bytes are none. */
  Optional<HashSequence> sequence(long sizeBytes) {
    try {
      return Optional.of(HashSequence.ofBytes(Arrays.copyOf(bytes, (int) sizeBytes)));
    } catch (MalformedException _) {
      return Optional.empty();
    }
  }
}
