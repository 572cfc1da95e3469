package org.veilor.seed.core.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The BLAKE3 compression function (BLAKE3 paper, section 2.2) on 32-bit words, unrolled.
 *
 * <p>The object is scratch space: 16 words of state and 16 of message, reused from block to block,
 * so that hashing allocates nothing. One thread may use it at a time.
 *
 * <p>Each pair of lines in the rounds is one call of the paper's function G on a column or a
 * diagonal: {@code a += b + m; d = rotr(d ^ a, 16); c += d; b = rotr(b ^ c, 12)} written as one
 * expression, then the same with the next message word and 8 and 7 bits. The permutation of the
 * message words between rounds is folded into the constant indices. The seven rounds are spread
 * over three methods: each is far below the size at which the JIT compiler gives up, and the state
 * travels through memory only twice.
 */
@SuppressWarnings("AssignmentExpression") // one expression for half of G keeps a round readable
final class Compressor {
  static final int CHUNK_START = 1;
  static final int CHUNK_END = 2;
  static final int PARENT = 4;
  static final int ROOT = 8;
  static final int KEYED_HASH = 16;
  static final int DERIVE_KEY_CONTEXT = 32;
  static final int DERIVE_KEY_MATERIAL = 64;

  static final int BLOCK_BYTES = 64;
  static final int VALUE_WORDS = 8;

  private static final int IV0 = 0x6a09e667;
  private static final int IV1 = 0xbb67ae85;
  private static final int IV2 = 0x3c6ef372;
  private static final int IV3 = 0xa54ff53a;
  private static final int IV4 = 0x510e527f;
  private static final int IV5 = 0x9b05688c;
  private static final int IV6 = 0x1f83d9ab;
  private static final int IV7 = 0x5be0cd19;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[] state = new int[16];
  private final int[] message = new int[16];

  /** The key words of the unkeyed mode: the first eight words of the initialisation vector. */
  static int[] initialisationVector() {
    return new int[] {IV0, IV1, IV2, IV3, IV4, IV5, IV6, IV7};
  }

  /** Takes a whole block of 64 bytes as the message. */
  void loadBlock(byte[] data, int offset) {
    for (int i = 0; i < 16; i++) {
      message[i] = (int) WORD.get(data, offset + 4 * i);
    }
  }

  /** Takes a block of 0 to 64 bytes as the message, padded with zeros. */
  void loadPartialBlock(byte[] data, int offset, int length) {
    Arrays.fill(message, 0);
    for (int i = 0; i < length; i++) {
      message[i >>> 2] |= (data[offset + i] & 0xff) << (8 * (i & 3));
    }
  }

  /** Takes two chaining values as the message of a parent. */
  void loadPair(int[] left, int leftOffset, int[] right, int rightOffset) {
    System.arraycopy(left, leftOffset, message, 0, VALUE_WORDS);
    System.arraycopy(right, rightOffset, message, VALUE_WORDS, VALUE_WORDS);
  }

  /**
   * Compresses the loaded message into a chaining value.
   *
   * @param value input chaining value, 8 words from {@code valueOffset}
   * @param out receives 8 words from {@code outOffset}; may be the same place as the input
   */
  void compress(
      int[] value,
      int valueOffset,
      long counter,
      int blockLength,
      int flags,
      int[] out,
      int outOffset) {
    run(value, valueOffset, counter, blockLength, flags);
    for (int i = 0; i < VALUE_WORDS; i++) {
      out[outOffset + i] = state[i] ^ state[i + 8];
    }
  }

  /** Like {@link #compress}, but yields all 16 words: a block of extendable output. */
  void compressExtended(int[] value, long counter, int blockLength, int flags, int[] out) {
    run(value, 0, counter, blockLength, flags);
    for (int i = 0; i < VALUE_WORDS; i++) {
      out[i] = state[i] ^ state[i + 8];
      out[i + 8] = state[i + 8] ^ value[i];
    }
  }

  private void run(int[] value, int valueOffset, long counter, int blockLength, int flags) {
    int[] v = state;
    System.arraycopy(value, valueOffset, v, 0, VALUE_WORDS);
    v[8] = IV0;
    v[9] = IV1;
    v[10] = IV2;
    v[11] = IV3;
    v[12] = (int) counter;
    v[13] = (int) (counter >>> 32);
    v[14] = blockLength;
    v[15] = flags;
    rounds1To3(v, message);
    rounds4To6(v, message);
    round7(v, message);
  }

  /** Writes words to bytes, least significant byte first. */
  static void wordsToBytes(int[] words, int offset, int count, byte[] out, int outOffset) {
    for (int i = 0; i < count; i++) {
      WORD.set(out, outOffset + 4 * i, words[offset + i]);
    }
  }

  private static int rotr(int word, int bits) {
    return Integer.rotateRight(word, bits);
  }

  /** Rounds 1 to 3 of 7. */
  private static void rounds1To3(int[] v, int[] m) {
    int v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
    int v4 = v[4], v5 = v[5], v6 = v[6], v7 = v[7];
    int v8 = v[8], v9 = v[9], v10 = v[10], v11 = v[11];
    int v12 = v[12], v13 = v[13], v14 = v[14], v15 = v[15];
    // round 1
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[0]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[1]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[2]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[3]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[4]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[5]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[6]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[7]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[8]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[9]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[10]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[11]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[12]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[13]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[14]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[15]), 8)), 7);
    // round 2
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[2]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[6]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[3]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[10]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[7]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[0]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[4]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[13]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[1]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[11]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[12]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[5]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[9]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[14]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[15]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[8]), 8)), 7);
    // round 3
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[3]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[4]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[10]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[12]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[13]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[2]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[7]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[14]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[6]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[5]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[9]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[0]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[11]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[15]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[8]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[1]), 8)), 7);
    v[0] = v0;
    v[1] = v1;
    v[2] = v2;
    v[3] = v3;
    v[4] = v4;
    v[5] = v5;
    v[6] = v6;
    v[7] = v7;
    v[8] = v8;
    v[9] = v9;
    v[10] = v10;
    v[11] = v11;
    v[12] = v12;
    v[13] = v13;
    v[14] = v14;
    v[15] = v15;
  }

  /** Rounds 4 to 6 of 7. */
  private static void rounds4To6(int[] v, int[] m) {
    int v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
    int v4 = v[4], v5 = v[5], v6 = v[6], v7 = v[7];
    int v8 = v[8], v9 = v[9], v10 = v[10], v11 = v[11];
    int v12 = v[12], v13 = v[13], v14 = v[14], v15 = v[15];
    // round 4
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[10]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[7]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[12]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[9]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[14]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[3]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[13]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[15]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[4]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[0]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[11]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[2]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[5]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[8]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[1]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[6]), 8)), 7);
    // round 5
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[12]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[13]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[9]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[11]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[15]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[10]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[14]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[8]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[7]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[2]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[5]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[3]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[0]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[1]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[6]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[4]), 8)), 7);
    // round 6
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[9]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[14]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[11]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[5]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[8]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[12]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[15]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[1]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[13]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[3]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[0]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[10]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[2]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[6]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[4]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[7]), 8)), 7);
    v[0] = v0;
    v[1] = v1;
    v[2] = v2;
    v[3] = v3;
    v[4] = v4;
    v[5] = v5;
    v[6] = v6;
    v[7] = v7;
    v[8] = v8;
    v[9] = v9;
    v[10] = v10;
    v[11] = v11;
    v[12] = v12;
    v[13] = v13;
    v[14] = v14;
    v[15] = v15;
  }

  /** Round 7 of 7. */
  private static void round7(int[] v, int[] m) {
    int v0 = v[0], v1 = v[1], v2 = v[2], v3 = v[3];
    int v4 = v[4], v5 = v[5], v6 = v[6], v7 = v[7];
    int v8 = v[8], v9 = v[9], v10 = v[10], v11 = v[11];
    int v12 = v[12], v13 = v[13], v14 = v[14], v15 = v[15];
    // round 7
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[11]), 16)), 12);
    v4 = rotr(v4 ^ (v8 += v12 = rotr(v12 ^ (v0 += v4 + m[15]), 8)), 7);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[5]), 16)), 12);
    v5 = rotr(v5 ^ (v9 += v13 = rotr(v13 ^ (v1 += v5 + m[0]), 8)), 7);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[1]), 16)), 12);
    v6 = rotr(v6 ^ (v10 += v14 = rotr(v14 ^ (v2 += v6 + m[9]), 8)), 7);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[8]), 16)), 12);
    v7 = rotr(v7 ^ (v11 += v15 = rotr(v15 ^ (v3 += v7 + m[6]), 8)), 7);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[14]), 16)), 12);
    v5 = rotr(v5 ^ (v10 += v15 = rotr(v15 ^ (v0 += v5 + m[10]), 8)), 7);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[2]), 16)), 12);
    v6 = rotr(v6 ^ (v11 += v12 = rotr(v12 ^ (v1 += v6 + m[12]), 8)), 7);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[3]), 16)), 12);
    v7 = rotr(v7 ^ (v8 += v13 = rotr(v13 ^ (v2 += v7 + m[4]), 8)), 7);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[7]), 16)), 12);
    v4 = rotr(v4 ^ (v9 += v14 = rotr(v14 ^ (v3 += v4 + m[13]), 8)), 7);
    v[0] = v0;
    v[1] = v1;
    v[2] = v2;
    v[3] = v3;
    v[4] = v4;
    v[5] = v5;
    v[6] = v6;
    v[7] = v7;
    v[8] = v8;
    v[9] = v9;
    v[10] = v10;
    v[11] = v11;
    v[12] = v12;
    v[13] = v13;
    v[14] = v14;
    v[15] = v15;
  }
}
