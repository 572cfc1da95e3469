package org.veilor.seed.core.blob;

import java.io.IOException;
import org.veilor.seed.core.bao.ChunkRanges;

/**
 * Read access to one blob and its outboard: the port behind which a store, a file or memory lies.
 *
 * <p>What a reader yields is not trusted: encoders verify every chunk group. One thread may use a
 * reader at a time. Closing releases the lease that keeps the blob from being evicted.
 */
public interface BlobReader extends AutoCloseable {
  /** Size of the blob in bytes, as of its import. */
  long sizeBytes();

  /** The chunks that are present; {@link ChunkRanges#ALL} for a complete blob. */
  default ChunkRanges presentChunks() {
    return ChunkRanges.ALL;
  }

  /**
   * Reads bytes of the blob.
   *
   * @param offset position in the blob
   * @return number of bytes read: fewer than {@code length} only at the end of the data, which
   *     means that the data is shorter than the blob
   */
  int readData(long offset, byte[] target, int targetOffset, int length) throws IOException;

  /**
   * Reads 64 bytes of the outboard.
   *
   * @param pairIndex position in the pre-order outboard, in pairs
   */
  void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException;

  @Override
  void close();
}
