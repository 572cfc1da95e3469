package org.veilor.seed.core.hash;

/**
 * Chaining values of chunks and of subtrees of up to 16 chunks, in any mode of BLAKE3.
 *
 * <p>The values of the chunks of a subtree are reduced level by level: neighbours become a parent,
 * an odd one at the end moves up unchanged. That yields the tree of the BLAKE3 paper (section 2.1),
 * whose left subtree is always the largest full one. The object is scratch space for one thread.
 */
final class ScalarHasher {
  static final int WORDS = Compressor.VALUE_WORDS;
  private static final int BLOCK_BYTES = Compressor.BLOCK_BYTES;
  private static final int CHUNK_BYTES = SubtreeEngine.CHUNK_BYTES;

  /** The values of up to 16 nodes, 8 words each; results appear in slot 0. */
  final int[] values = new int[SubtreeEngine.GROUP_CHUNKS * WORDS];

  final Compressor compressor = new Compressor();
  private final int[] key;
  private final int modeFlags;

  /**
   * Creates the scratch space.
   *
   * @param key 8 words that every chunk and parent starts from
   * @param modeFlags flags that the mode adds to every compression
   */
  ScalarHasher(int[] key, int modeFlags) {
    this.key = key;
    this.modeFlags = modeFlags;
  }

  /** Leaves the value of the subtree over 0 to 16384 bytes in slot 0. */
  void subtree(byte[] data, int offset, int length, long firstChunk, boolean root) {
    int chunks = Math.max(1, (length + CHUNK_BYTES - 1) / CHUNK_BYTES);
    int lastBlockFlags = root && chunks == 1 ? Compressor.ROOT : 0;
    for (int i = 0; i < chunks; i++) {
      int start = i * CHUNK_BYTES;
      int chunkLength = Math.min(CHUNK_BYTES, length - start);
      chunk(data, offset + start, chunkLength, firstChunk + i, lastBlockFlags, i);
    }
    for (int count = chunks; count > 1; count = (count + 1) / 2) {
      int flags = root && count == 2 ? Compressor.ROOT : 0;
      for (int i = 0; i < count / 2; i++) {
        compressor.loadPair(values, 2 * i * WORDS, values, (2 * i + 1) * WORDS);
        parent(flags, i);
      }
      if (count % 2 == 1) {
        System.arraycopy(values, (count - 1) * WORDS, values, count / 2 * WORDS, WORDS);
      }
    }
  }

  /** Writes the value of the parent whose pair the compressor has loaded to {@code slot}. */
  void parent(int flags, int slot) {
    int allFlags = Compressor.PARENT | modeFlags | flags;
    compressor.compress(key, 0, 0, BLOCK_BYTES, allFlags, values, slot * WORDS);
  }

  /**
   * Writes the value of one chunk of 0 to 1024 bytes to {@code slot}.
   *
   * @param counter number of the chunk in the input
   */
  void chunk(byte[] data, int offset, int length, long counter, int lastBlockFlags, int slot) {
    int last = lastBlockLength(length);
    int flags = firstBlocks(data, offset, length - last, counter, slot);
    compressor.loadPartialBlock(data, offset + length - last, last);
    flags |= Compressor.CHUNK_END | modeFlags | lastBlockFlags;
    int out = slot * WORDS;
    compressor.compress(values, out, counter, last, flags, values, out);
  }

  /** Length of the last block of a chunk: 1 to 64, or 0 if the chunk is empty. */
  static int lastBlockLength(int chunkLength) {
    return chunkLength == 0 ? 0 : (chunkLength - 1) % BLOCK_BYTES + 1;
  }

  /**
   * Compresses the blocks of a chunk before its last one, {@code length} bytes in all, into {@code
   * slot}.
   *
   * @return the flag that the next block starts with
   */
  int firstBlocks(byte[] data, int offset, int length, long counter, int slot) {
    int out = slot * WORDS;
    System.arraycopy(key, 0, values, out, WORDS);
    int flags = Compressor.CHUNK_START;
    for (int done = 0; done < length; done += BLOCK_BYTES) {
      compressor.loadBlock(data, offset + done);
      compressor.compress(values, out, counter, BLOCK_BYTES, flags | modeFlags, values, out);
      flags = 0;
    }
    return flags;
  }
}
