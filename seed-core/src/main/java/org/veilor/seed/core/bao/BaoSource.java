package org.veilor.seed.core.bao;

import java.io.IOException;

/**
 * The bytes of one blob and its outboard, as an encoder needs them.
 *
 * <p>What a source yields is not trusted: every chunk group and every pair is verified. One thread
 * may use a source at a time.
 */
public interface BaoSource {
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
}
