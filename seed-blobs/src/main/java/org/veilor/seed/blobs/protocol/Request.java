package org.veilor.seed.blobs.protocol;

import java.util.List;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;

/** What a getter asks on a stream of its own. */
public sealed interface Request {
  /** Ranges of a blob and, if it is a hash sequence, of its children. */
  record Get(Hash hash, ChunkRangesSequence ranges) implements Request {
    /** A whole blob without children. */
    public static Get blob(Hash hash) {
      return new Get(hash, ChunkRangesSequence.single(ChunkRanges.ALL));
    }

    /** A whole hash sequence with all children. */
    public static Get hashSequence(Hash hash) {
      return new Get(hash, ChunkRangesSequence.ALL);
    }
  }

  /** Ranges of several blobs, answered in the order of the list. */
  record GetMany(List<Hash> hashes, ChunkRangesSequence ranges) implements Request {
    /** Copies the list. */
    public GetMany {
      hashes = List.copyOf(hashes);
    }
  }

  /**
   * Which chunks of a blob are present, now and whenever that changes.
   *
   * @param ranges read and otherwise ignored, as by iroh-blobs
   */
  record Observe(Hash hash, ChunkRanges ranges) implements Request {}

  /**
   * Offers the response to a Get; the data follows on the same stream.
   *
   * @param get the Get that the data answers
   */
  record Push(Get get) implements Request {}
}
