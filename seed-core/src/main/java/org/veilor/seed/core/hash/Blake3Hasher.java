package org.veilor.seed.core.hash;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * BLAKE3 of bytes that arrive piece by piece, in its three modes and with any output length.
 *
 * <p>The stack holds the values of complete subtrees, largest first; a subtree of 2^k chunks is in
 * it exactly if bit k of the number of complete chunks is set (BLAKE3 paper, section 5.1.2). The
 * last chunk stays in the buffer until more bytes follow, because the root is compressed
 * differently. One thread may use a hasher at a time; it may go on after {@link #finish()}.
 */
public final class Blake3Hasher {
  private static final int WORDS = ScalarHasher.WORDS;
  private static final int CHUNK_BYTES = SubtreeEngine.CHUNK_BYTES;
  private static final int MAX_DEPTH = 54;

  private final int[] key;
  private final int modeFlags;
  private final ScalarHasher hasher;
  private final int[] stack = new int[MAX_DEPTH * WORDS];
  private final byte[] buffer = new byte[CHUNK_BYTES];
  private int stackSize;
  private int buffered;
  private long completeChunks;

  private Blake3Hasher(int[] key, int modeFlags) {
    this.key = key;
    this.modeFlags = modeFlags;
    hasher = new ScalarHasher(key, modeFlags);
  }

  /** The hash mode: what names a blob. */
  public static Blake3Hasher unkeyed() {
    return new Blake3Hasher(Compressor.initialisationVector(), 0);
  }

  /**
   * The keyed mode, a message authentication code.
   *
   * @param key 32 bytes
   */
  public static Blake3Hasher keyed(byte[] key) {
    if (key.length != Hash.LENGTH) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
    }
    return new Blake3Hasher(keyWords(key), Compressor.KEYED_HASH);
  }

  /**
   * The mode that derives keys; the input is the key material.
   *
   * @param context a hard-coded, unique text that says what the derived key is for
   */
  public static Blake3Hasher derivingKey(String context) {
    byte[] text = context.getBytes(StandardCharsets.UTF_8);
    Blake3Hasher contextHasher =
        new Blake3Hasher(Compressor.initialisationVector(), Compressor.DERIVE_KEY_CONTEXT);
    byte[] contextKey = contextHasher.update(text, 0, text.length).finish().toBytes();
    return new Blake3Hasher(keyWords(contextKey), Compressor.DERIVE_KEY_MATERIAL);
  }

  private static int[] keyWords(byte[] key) {
    int[] words = new int[WORDS];
    for (int i = 0; i < key.length; i++) {
      words[i / 4] |= (key[i] & 0xff) << (8 * (i % 4));
    }
    return words;
  }

  /** The hash of all of {@code data}. */
  public static Hash hash(byte[] data) {
    return unkeyed().update(data, 0, data.length).finish();
  }

  /** Adds {@code length} bytes from {@code offset}. */
  public Blake3Hasher update(byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    int end = offset + length;
    int position = offset;
    while (position < end) {
      if (buffered == CHUNK_BYTES) {
        addChunk(buffer, 0);
        buffered = 0;
      }
      if (buffered == 0 && end - position > CHUNK_BYTES) {
        addChunk(data, position);
        position += CHUNK_BYTES;
      } else {
        int taken = Math.min(CHUNK_BYTES - buffered, end - position);
        System.arraycopy(data, position, buffer, buffered, taken);
        buffered += taken;
        position += taken;
      }
    }
    return this;
  }

  private void addChunk(byte[] data, int offset) {
    hasher.chunk(data, offset, CHUNK_BYTES, completeChunks, 0, 0);
    completeChunks++;
    int merges = Long.numberOfTrailingZeros(completeChunks);
    for (int i = 0; i < merges; i++) {
      stackSize--;
      hasher.compressor.loadPair(stack, stackSize * WORDS, hasher.values, 0);
      hasher.parent(0, 0);
    }
    System.arraycopy(hasher.values, 0, stack, stackSize * WORDS, WORDS);
    stackSize++;
  }

  /** The hash of everything added so far. */
  public Hash finish() {
    return Hash.of(finish(Hash.LENGTH));
  }

  /** Extendable output: the first {@code length} bytes that BLAKE3 yields for this input. */
  public byte[] finish(int length) {
    int last = ScalarHasher.lastBlockLength(buffered);
    int blockLength = last;
    int flags = hasher.firstBlocks(buffer, 0, buffered - last, completeChunks, 0);
    flags |= Compressor.CHUNK_END;
    int[] value = Arrays.copyOf(hasher.values, WORDS);
    long counter = completeChunks;
    hasher.compressor.loadPartialBlock(buffer, buffered - last, last);
    for (int i = stackSize - 1; i >= 0; i--) {
      hasher.compressor.compress(
          value, 0, counter, blockLength, flags | modeFlags, hasher.values, 0);
      hasher.compressor.loadPair(stack, i * WORDS, hasher.values, 0);
      value = key;
      counter = 0;
      blockLength = Compressor.BLOCK_BYTES;
      flags = Compressor.PARENT;
    }
    return rootOutput(value, blockLength, flags, length);
  }

  /** Compresses the loaded root block as often as the output needs, counting its blocks. */
  private byte[] rootOutput(int[] value, int blockLength, int flags, int length) {
    int blockBytes = Compressor.BLOCK_BYTES;
    byte[] out = new byte[(length + blockBytes - 1) / blockBytes * blockBytes];
    int[] words = new int[2 * WORDS];
    int rootFlags = flags | modeFlags | Compressor.ROOT;
    for (int done = 0; done < length; done += blockBytes) {
      hasher.compressor.compressExtended(value, done / blockBytes, blockLength, rootFlags, words);
      Compressor.wordsToBytes(words, 0, words.length, out, done);
    }
    return Arrays.copyOf(out, length);
  }
}
