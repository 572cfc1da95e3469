package org.veilor.seed.core.hash;

import java.util.Objects;

/** BLAKE3 in plain Java, always available. */
public final class ScalarEngine implements SubtreeEngine {
  /** The only instance. */
  public static final ScalarEngine INSTANCE = new ScalarEngine();

  private static final int WORDS = Compressor.VALUE_WORDS;
  private static final int[] IV = Compressor.initialisationVector();

  private ScalarEngine() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public Hash hash(byte[] data, int offset, int length) {
    return Blake3Hasher.unkeyed().update(data, offset, length).finish();
  }

  @Override
  public void groupValues(
      byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, groupCount * GROUP_BYTES, data.length);
    ScalarHasher hasher = new ScalarHasher(IV, 0);
    for (int i = 0; i < groupCount; i++) {
      long groupStart = firstChunk + (long) i * GROUP_CHUNKS;
      hasher.subtree(data, offset + i * GROUP_BYTES, GROUP_BYTES, groupStart, false);
      Compressor.wordsToBytes(hasher.values, 0, WORDS, out, outOffset + i * VALUE_BYTES);
    }
  }

  @Override
  public void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, count * PAIR_BYTES, pairs.length);
    ScalarHasher hasher = new ScalarHasher(IV, 0);
    for (int i = 0; i < count; i++) {
      hasher.compressor.loadBlock(pairs, offset + i * PAIR_BYTES);
      hasher.parent(0, 0);
      Compressor.wordsToBytes(hasher.values, 0, WORDS, out, outOffset + i * VALUE_BYTES);
    }
  }

  @Override
  public void subtreeValue(
      byte[] data,
      int offset,
      int length,
      long firstChunk,
      boolean root,
      byte[] out,
      int outOffset) {
    Objects.checkFromIndexSize(offset, length, data.length);
    if (length > GROUP_BYTES) {
      throw new IllegalArgumentException("more than a chunk group: " + length);
    }
    ScalarHasher hasher = new ScalarHasher(IV, 0);
    hasher.subtree(data, offset, length, firstChunk, root);
    Compressor.wordsToBytes(hasher.values, 0, WORDS, out, outOffset);
  }

  @Override
  public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, PAIR_BYTES, pair.length);
    ScalarHasher hasher = new ScalarHasher(IV, 0);
    hasher.compressor.loadBlock(pair, offset);
    hasher.parent(root ? Compressor.ROOT : 0, 0);
    Compressor.wordsToBytes(hasher.values, 0, WORDS, out, outOffset);
  }
}
