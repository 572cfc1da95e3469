package org.veilor.seed.core.simd;

import static jdk.incubator.vector.IntVector.broadcast;
import static jdk.incubator.vector.IntVector.fromArray;
import static jdk.incubator.vector.IntVector.zero;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.veilor.seed.core.simd.Lanes.COUNT;
import static org.veilor.seed.core.simd.Lanes.INTS;
import static org.veilor.seed.core.simd.Scratch.KEY;

import jdk.incubator.vector.IntVector;

/**
 * The BLAKE3 compression function (BLAKE3 paper, section 2.2) on one whole block per lane.
 *
 * <p>The seven rounds are a loop, because unrolled they are too much for the JIT compiler; a table
 * says where in the message each round finds its words. The sum with the message word comes first
 * in every quarter: the freshly loaded vector has a class that the compiler knows (see {@link
 * Lanes}), which the state, carried around the loop, has not.
 */
@SuppressWarnings("AssignmentExpression") // one expression for a quarter of G keeps it readable
final class Rounds {
  private static final int BLOCK_BYTES = 64;
  private static final int[] PERMUTATION = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
  private static final int ALL_ROUNDS = 7 * 16;

  /** Offsets into the message: 16 for each of the 7 rounds. */
  private static final char[] ORDER = order(COUNT);

  private Rounds() {}

  /** The offset of the word that each step of each round takes, for words of such a size. */
  static char[] order(int wordSize) {
    char[] order = new char[ALL_ROUNDS];
    for (int i = 0; i < ALL_ROUNDS; i++) {
      int word = i % 16;
      for (int round = 0; round < i / 16; round++) {
        word = PERMUTATION[word];
      }
      order[i] = (char) (word * wordSize);
    }
    return order;
  }

  /**
   * Compresses a block per lane into a chaining value per lane. All offsets are into {@code w}; a
   * word there is {@link Lanes#COUNT} lanes.
   *
   * @param message 16 words
   * @param in 8 words, the input chaining values
   * @param counters the lower, then the upper word of the counter
   * @param out receives 8 words; may be {@code in}
   */
  static void compress(int[] w, int message, int in, int counters, int flags, int out) {
    IntVector v0 = fromArray(INTS, w, in), v1 = fromArray(INTS, w, in + COUNT);
    IntVector v2 = fromArray(INTS, w, in + 2 * COUNT), v3 = fromArray(INTS, w, in + 3 * COUNT);
    IntVector v4 = fromArray(INTS, w, in + 4 * COUNT), v5 = fromArray(INTS, w, in + 5 * COUNT);
    IntVector v6 = fromArray(INTS, w, in + 6 * COUNT), v7 = fromArray(INTS, w, in + 7 * COUNT);
    IntVector v8 = fromArray(INTS, w, KEY), v9 = fromArray(INTS, w, KEY + COUNT);
    IntVector v10 = fromArray(INTS, w, KEY + 2 * COUNT), v11 = fromArray(INTS, w, KEY + 3 * COUNT);
    IntVector v12 = fromArray(INTS, w, counters), v13 = fromArray(INTS, w, counters + COUNT);
    IntVector v14 = broadcast(INTS, BLOCK_BYTES), v15 = broadcast(INTS, flags);
    for (int i = 0; i < ALL_ROUNDS; i += 16) {
      v0 = fromArray(INTS, w, message + ORDER[i]).add(v0).add(v4);
      v12 = v0.lanewise(XOR, v12).lanewise(ROR, 16);
      v4 = (v8 = v12.add(v8)).lanewise(XOR, v4).lanewise(ROR, 12);
      v0 = fromArray(INTS, w, message + ORDER[i + 1]).add(v0).add(v4);
      v12 = v0.lanewise(XOR, v12).lanewise(ROR, 8);
      v4 = (v8 = v12.add(v8)).lanewise(XOR, v4).lanewise(ROR, 7);
      v1 = fromArray(INTS, w, message + ORDER[i + 2]).add(v1).add(v5);
      v13 = v1.lanewise(XOR, v13).lanewise(ROR, 16);
      v5 = (v9 = v13.add(v9)).lanewise(XOR, v5).lanewise(ROR, 12);
      v1 = fromArray(INTS, w, message + ORDER[i + 3]).add(v1).add(v5);
      v13 = v1.lanewise(XOR, v13).lanewise(ROR, 8);
      v5 = (v9 = v13.add(v9)).lanewise(XOR, v5).lanewise(ROR, 7);
      v2 = fromArray(INTS, w, message + ORDER[i + 4]).add(v2).add(v6);
      v14 = v2.lanewise(XOR, v14).lanewise(ROR, 16);
      v6 = (v10 = v14.add(v10)).lanewise(XOR, v6).lanewise(ROR, 12);
      v2 = fromArray(INTS, w, message + ORDER[i + 5]).add(v2).add(v6);
      v14 = v2.lanewise(XOR, v14).lanewise(ROR, 8);
      v6 = (v10 = v14.add(v10)).lanewise(XOR, v6).lanewise(ROR, 7);
      v3 = fromArray(INTS, w, message + ORDER[i + 6]).add(v3).add(v7);
      v15 = v3.lanewise(XOR, v15).lanewise(ROR, 16);
      v7 = (v11 = v15.add(v11)).lanewise(XOR, v7).lanewise(ROR, 12);
      v3 = fromArray(INTS, w, message + ORDER[i + 7]).add(v3).add(v7);
      v15 = v3.lanewise(XOR, v15).lanewise(ROR, 8);
      v7 = (v11 = v15.add(v11)).lanewise(XOR, v7).lanewise(ROR, 7);
      v0 = fromArray(INTS, w, message + ORDER[i + 8]).add(v0).add(v5);
      v15 = v0.lanewise(XOR, v15).lanewise(ROR, 16);
      v5 = (v10 = v15.add(v10)).lanewise(XOR, v5).lanewise(ROR, 12);
      v0 = fromArray(INTS, w, message + ORDER[i + 9]).add(v0).add(v5);
      v15 = v0.lanewise(XOR, v15).lanewise(ROR, 8);
      v5 = (v10 = v15.add(v10)).lanewise(XOR, v5).lanewise(ROR, 7);
      v1 = fromArray(INTS, w, message + ORDER[i + 10]).add(v1).add(v6);
      v12 = v1.lanewise(XOR, v12).lanewise(ROR, 16);
      v6 = (v11 = v12.add(v11)).lanewise(XOR, v6).lanewise(ROR, 12);
      v1 = fromArray(INTS, w, message + ORDER[i + 11]).add(v1).add(v6);
      v12 = v1.lanewise(XOR, v12).lanewise(ROR, 8);
      v6 = (v11 = v12.add(v11)).lanewise(XOR, v6).lanewise(ROR, 7);
      v2 = fromArray(INTS, w, message + ORDER[i + 12]).add(v2).add(v7);
      v13 = v2.lanewise(XOR, v13).lanewise(ROR, 16);
      v7 = (v8 = v13.add(v8)).lanewise(XOR, v7).lanewise(ROR, 12);
      v2 = fromArray(INTS, w, message + ORDER[i + 13]).add(v2).add(v7);
      v13 = v2.lanewise(XOR, v13).lanewise(ROR, 8);
      v7 = (v8 = v13.add(v8)).lanewise(XOR, v7).lanewise(ROR, 7);
      v3 = fromArray(INTS, w, message + ORDER[i + 14]).add(v3).add(v4);
      v14 = v3.lanewise(XOR, v14).lanewise(ROR, 16);
      v4 = (v9 = v14.add(v9)).lanewise(XOR, v4).lanewise(ROR, 12);
      v3 = fromArray(INTS, w, message + ORDER[i + 15]).add(v3).add(v4);
      v14 = v3.lanewise(XOR, v14).lanewise(ROR, 8);
      v4 = (v9 = v14.add(v9)).lanewise(XOR, v4).lanewise(ROR, 7);
    }
    // The zero has a class that is known (see above).
    zero(INTS).add(v0).lanewise(XOR, v8).intoArray(w, out);
    zero(INTS).add(v1).lanewise(XOR, v9).intoArray(w, out + COUNT);
    zero(INTS).add(v2).lanewise(XOR, v10).intoArray(w, out + 2 * COUNT);
    zero(INTS).add(v3).lanewise(XOR, v11).intoArray(w, out + 3 * COUNT);
    zero(INTS).add(v4).lanewise(XOR, v12).intoArray(w, out + 4 * COUNT);
    zero(INTS).add(v5).lanewise(XOR, v13).intoArray(w, out + 5 * COUNT);
    zero(INTS).add(v6).lanewise(XOR, v14).intoArray(w, out + 6 * COUNT);
    zero(INTS).add(v7).lanewise(XOR, v15).intoArray(w, out + 7 * COUNT);
  }
}
