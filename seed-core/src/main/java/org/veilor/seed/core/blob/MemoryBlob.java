package org.veilor.seed.core.blob;

import java.util.Objects;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/** A small blob in memory: hash sequences and metadata that a node makes itself, and tests. */
public final class MemoryBlob implements BlobReader {
  private final byte[] data;
  private final Outboard outboard;
  private final ChunkRanges presentChunks;

  private MemoryBlob(byte[] data, Outboard outboard, ChunkRanges presentChunks) {
    this.data = data;
    this.outboard = outboard;
    this.presentChunks = presentChunks;
  }

  /** A complete blob with these bytes, which are copied. */
  public static MemoryBlob of(byte[] data) {
    byte[] copy = data.clone();
    return new MemoryBlob(copy, Outboard.of(SubtreeEngine.preferred(), copy), ChunkRanges.ALL);
  }

  /** The same blob, of which only some chunks count as present. */
  public MemoryBlob withPresentChunks(ChunkRanges present) {
    return new MemoryBlob(data, outboard, present);
  }

  /** The hash of the blob. */
  public Hash hash() {
    return outboard.hash();
  }

  @Override
  public long sizeBytes() {
    return data.length;
  }

  @Override
  public ChunkRanges presentChunks() {
    return presentChunks;
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) {
    Objects.checkIndex(offset, data.length + 1L);
    int available = (int) Math.min(length, data.length - offset);
    System.arraycopy(data, (int) offset, target, targetOffset, available);
    return available;
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) {
    int offset = Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES);
    System.arraycopy(outboard.pairs(), offset, target, targetOffset, BaoTree.PAIR_BYTES);
  }

  @Override
  public void close() {}
}
