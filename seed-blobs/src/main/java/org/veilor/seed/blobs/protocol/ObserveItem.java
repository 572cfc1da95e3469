package org.veilor.seed.blobs.protocol;

import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * What an observe stream carries: the size of a blob as the provider knows it, and chunks that are
 * present; in the first item all of them, later those that were added.
 *
 * <p>In its canonical form a complete blob is {@code 0..}, and a partial one that has its last
 * chunk, so that its size is proven, is open-ended (iroh-blobs {@code Bitfield}).
 *
 * @param sizeBytes unsigned; 0 if unknown
 */
public record ObserveItem(long sizeBytes, ChunkRanges ranges) {
  /** The item for a blob of which nothing is here. */
  public static final ObserveItem UNKNOWN = new ObserveItem(0, ChunkRanges.EMPTY);

  /** The canonical item for the chunks that are present. */
  public static ObserveItem of(long sizeBytes, ChunkRanges present) {
    long chunks = new BaoTree(sizeBytes).chunks();
    ChunkRanges inside = present.slice(0, chunks);
    boolean proven = inside.contains(chunks - 1);
    return new ObserveItem(sizeBytes, proven ? inside.union(ChunkRanges.from(chunks - 1)) : inside);
  }

  /** The item with its length before it, as it goes on the stream. */
  public byte[] encodeFrame() {
    PostcardWriter body = new PostcardWriter().writeVarint(sizeBytes);
    ChunkRangesCodec.encodeAbsolute(ranges, body);
    return new PostcardWriter().writeBytes(body.toBytes()).toBytes();
  }

  /**
   * Reads an item without its length.
   *
   * @throws MalformedException if it is truncated, not canonical, or above a limit
   */
  public static ObserveItem decode(byte[] body) throws MalformedException {
    return decode(body, 0, body.length);
  }

  /**
   * Reads an item without its length from the middle of an array.
   *
   * @throws MalformedException if it is truncated, not canonical, or above a limit
   */
  public static ObserveItem decode(byte[] data, int offset, int length) throws MalformedException {
    if (length > BlobsLimits.MAX_OBSERVE_ITEM_BYTES) {
      throw new MalformedException(0, "observe item too long");
    }
    PostcardReader in = new PostcardReader(data, offset, length);
    return new ObserveItem(in.readU64(), ChunkRangesCodec.decodeAbsolute(in));
  }
}
