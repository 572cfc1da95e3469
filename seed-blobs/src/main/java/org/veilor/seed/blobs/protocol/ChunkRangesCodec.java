package org.veilor.seed.blobs.protocol;

import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * Both wire forms of a range set: a count of boundaries, then either the first boundary and the
 * differences (requests, "RangeSpec"), or the boundaries themselves (observe items).
 *
 * <p>Only the canonical form is read, as since iroh-blobs 0.104: boundaries increase and stay below
 * 2^64.
 */
final class ChunkRangesCodec {
  private ChunkRangesCodec() {}

  static void encodeDeltas(ChunkRanges ranges, PostcardWriter out) {
    out.writeVarint(ranges.boundaryCount());
    long previous = 0;
    for (int i = 0; i < ranges.boundaryCount(); i++) {
      out.writeVarint(ranges.boundary(i) - previous);
      previous = ranges.boundary(i);
    }
  }

  /**
   * Reads the form with differences.
   *
   * @param maxBoundaries how many boundaries the request may still have
   */
  static ChunkRanges decodeDeltas(PostcardReader in, int maxBoundaries) throws MalformedException {
    long[] boundaries = new long[in.readCount(maxBoundaries, 1)];
    long at = 0;
    for (int i = 0; i < boundaries.length; i++) {
      long width = in.readU64();
      if (i > 0 && width == 0) {
        throw in.malformed("range of zero width");
      }
      if (Long.compareUnsigned(at + width, at) < 0) {
        throw in.malformed("boundary above 2^64 - 1");
      }
      at += width;
      boundaries[i] = at;
    }
    return ChunkRanges.ofBoundaries(boundaries);
  }

  static void encodeAbsolute(ChunkRanges ranges, PostcardWriter out) {
    out.writeVarint(ranges.boundaryCount());
    for (int i = 0; i < ranges.boundaryCount(); i++) {
      out.writeVarint(ranges.boundary(i));
    }
  }

  /** Reads the form with the boundaries themselves. */
  static ChunkRanges decodeAbsolute(PostcardReader in) throws MalformedException {
    long[] boundaries = new long[in.readCount(BlobsLimits.MAX_BOUNDARIES, 1)];
    for (int i = 0; i < boundaries.length; i++) {
      boundaries[i] = in.readU64();
      if (i > 0 && Long.compareUnsigned(boundaries[i], boundaries[i - 1]) <= 0) {
        throw in.malformed("boundaries do not increase");
      }
    }
    return ChunkRanges.ofBoundaries(boundaries);
  }
}
