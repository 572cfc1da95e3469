package org.veilor.seed.core.simd;

import static java.lang.Math.min;
import static jdk.incubator.vector.IntVector.fromArray;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The width of the vectors, and the transposition between rows (the bytes of one block) and lanes
 * (one word of every block).
 *
 * <p>The transposition is a butterfly: the stage of distance d swaps, in every pair of rows that
 * are d apart, the upper right with the lower left quarter. Two-source permutations do that with
 * one instruction per row; gathering words from the rows costs four to five times as much.
 *
 * <p>Here and in {@link Rounds} a method stays small enough for the first tier of the JIT compiler,
 * and every vector that receives a call has just been loaded or computed, so that its class is
 * known to the compiler without a profile. Otherwise the calls stay virtual, and every operation
 * allocates. For the same reason there are next to no helper methods: late in a method this large
 * the compiler no longer inlines them.
 */
final class Lanes {
  /** 16 lanes of 32 bits if the machine has them, else 8. */
  static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.length() >= 16 ? IntVector.SPECIES_512 : IntVector.SPECIES_256;

  /** Lanes of a vector, 16 or 8. */
  static final int COUNT = INTS.length();

  static final boolean WIDE = COUNT == 16;
  static final VectorSpecies<Byte> BYTES = WIDE ? ByteVector.SPECIES_512 : ByteVector.SPECIES_256;

  static final int LOW_1 = 0;
  static final int HIGH_1 = COUNT;
  static final int LOW_2 = 2 * COUNT;
  static final int HIGH_2 = 3 * COUNT;
  static final int LOW_4 = 4 * COUNT;
  static final int HIGH_4 = 5 * COUNT;
  static final int LOW_8 = 6 * COUNT;
  static final int HIGH_8 = 7 * COUNT;
  static final int EVEN = 8 * COUNT;
  static final int ODD = 9 * COUNT;
  static final int[] INDEXES = indexes();

  private Lanes() {}

  /** The lanes to take from two vectors: for the stages of the butterfly, and to split pairs. */
  private static int[] indexes() {
    int[] indexes = new int[10 * COUNT];
    for (int stage = 0; stage < 4; stage++) {
      int distance = 1 << stage;
      for (int lane = 0; lane < COUNT; lane++) {
        boolean fromFirst = (lane & distance) == 0;
        int low = 2 * stage * COUNT + lane;
        indexes[low] = fromFirst ? lane : COUNT + lane - distance;
        indexes[low + COUNT] = fromFirst ? (lane + distance) % COUNT : COUNT + lane;
      }
    }
    for (int lane = 0; lane < COUNT; lane++) {
      indexes[EVEN + lane] = 2 * lane;
      indexes[ODD + lane] = 2 * lane + 1;
    }
    return indexes;
  }

  /**
   * Writes the 16 words of a block per lane, word by word, {@link #COUNT} lanes each.
   *
   * @param data the block of lane i lies at {@code offset + i * stride}
   * @param lastRow lanes behind this one take the block of this one
   */
  static void transpose(
      byte[] data, int offset, int stride, int lastRow, int[] out, int outOffset) {
    int second = outOffset + 8 * COUNT;
    int secondHalf = WIDE ? offset : offset + BYTES.length();
    transposeEight(data, offset, stride, lastRow, LOW_8, out, outOffset);
    transposeEight(data, secondHalf, stride, lastRow, HIGH_8, out, second);
  }

  /**
   * Does all stages for 8 rows.
   *
   * @param eight says which half to take in the stage that swaps rows 8 apart, if there is one
   */
  private static void transposeEight(
      byte[] data, int offset, int stride, int lastRow, int eight, int[] out, int outOffset) {
    IntVector a0 = row(data, offset, stride, lastRow, eight, 0);
    IntVector a1 = row(data, offset, stride, lastRow, eight, 1);
    IntVector a2 = row(data, offset, stride, lastRow, eight, 2);
    IntVector a3 = row(data, offset, stride, lastRow, eight, 3);
    IntVector a4 = row(data, offset, stride, lastRow, eight, 4);
    IntVector a5 = row(data, offset, stride, lastRow, eight, 5);
    IntVector a6 = row(data, offset, stride, lastRow, eight, 6);
    IntVector a7 = row(data, offset, stride, lastRow, eight, 7);
    IntVector b0 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a0, a4);
    IntVector b4 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a0, a4);
    IntVector b1 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a1, a5);
    IntVector b5 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a1, a5);
    IntVector b2 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a2, a6);
    IntVector b6 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a2, a6);
    IntVector b3 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a3, a7);
    IntVector b7 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a3, a7);
    IntVector c0 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b0, b2);
    IntVector c2 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b0, b2);
    IntVector c1 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b1, b3);
    IntVector c3 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b1, b3);
    IntVector c4 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b4, b6);
    IntVector c6 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b4, b6);
    IntVector c5 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b5, b7);
    IntVector c7 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b5, b7);
    fromArray(INTS, INDEXES, LOW_1).selectFrom(c0, c1).intoArray(out, outOffset);
    fromArray(INTS, INDEXES, HIGH_1).selectFrom(c0, c1).intoArray(out, outOffset + COUNT);
    fromArray(INTS, INDEXES, LOW_1).selectFrom(c2, c3).intoArray(out, outOffset + 2 * COUNT);
    fromArray(INTS, INDEXES, HIGH_1).selectFrom(c2, c3).intoArray(out, outOffset + 3 * COUNT);
    fromArray(INTS, INDEXES, LOW_1).selectFrom(c4, c5).intoArray(out, outOffset + 4 * COUNT);
    fromArray(INTS, INDEXES, HIGH_1).selectFrom(c4, c5).intoArray(out, outOffset + 5 * COUNT);
    fromArray(INTS, INDEXES, LOW_1).selectFrom(c6, c7).intoArray(out, outOffset + 6 * COUNT);
    fromArray(INTS, INDEXES, HIGH_1).selectFrom(c6, c7).intoArray(out, outOffset + 7 * COUNT);
  }

  /**
   * A row; with 16 lanes, after the stage that swaps rows 8 apart. A helper method that is inlined,
   * because it is called at the very start.
   */
  private static IntVector row(byte[] data, int offset, int stride, int lastRow, int eight, int i) {
    int first = offset + min(i, lastRow) * stride;
    IntVector upper = ByteVector.fromArray(BYTES, data, first).reinterpretAsInts();
    if (!WIDE) {
      return upper;
    }
    int second = offset + min(i + 8, lastRow) * stride;
    IntVector lower = ByteVector.fromArray(BYTES, data, second).reinterpretAsInts();
    return fromArray(INTS, INDEXES, eight).selectFrom(upper, lower);
  }

  /**
   * Turns the values of neighbours into the messages of their parents.
   *
   * @param words holds two sets of values, 8 words of {@link #COUNT} lanes each, at {@code first}
   *     and {@code second}
   * @param out offset of the 16 words of {@link #COUNT} lanes that it writes: 8 of the left
   *     neighbours, 8 of the right ones
   */
  static void pair(int[] words, int first, int second, int out) {
    for (int word = 0; word < 8 * COUNT; word += COUNT) {
      IntVector left = fromArray(INTS, words, first + word);
      IntVector right = fromArray(INTS, words, second + word);
      fromArray(INTS, INDEXES, EVEN).selectFrom(left, right).intoArray(words, out + word);
      fromArray(INTS, INDEXES, ODD)
          .selectFrom(left, right)
          .intoArray(words, out + 8 * COUNT + word);
    }
  }
}
