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
 * allocates.
 */
final class Lanes {
  /** 16 lanes of 32 bits if the machine has them, else 8. */
  static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.length() >= 16 ? IntVector.SPECIES_512 : IntVector.SPECIES_256;

  /** Lanes of a vector, 16 or 8. */
  static final int COUNT = INTS.length();

  private static final boolean WIDE = COUNT == 16;
  private static final VectorSpecies<Byte> BYTES =
      WIDE ? ByteVector.SPECIES_512 : ByteVector.SPECIES_256;

  private static final int LOW_1 = 0;
  private static final int HIGH_1 = COUNT;
  private static final int LOW_2 = 2 * COUNT;
  private static final int HIGH_2 = 3 * COUNT;
  private static final int LOW_4 = 4 * COUNT;
  private static final int HIGH_4 = 5 * COUNT;
  private static final int LOW_8 = 6 * COUNT;
  private static final int HIGH_8 = 7 * COUNT;
  private static final int EVEN = 8 * COUNT;
  private static final int ODD = 9 * COUNT;
  private static final int[] INDEXES = indexes();

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
    if (WIDE) {
      int ninth = offset + min(8, lastRow) * stride;
      transposeEight(data, offset, stride, lastRow, out, outOffset);
      transposeEight(data, ninth, stride, Math.max(0, lastRow - 8), out, outOffset + 8 * COUNT);
      swapEightApart(out, outOffset);
    } else {
      transposeEight(data, offset, stride, lastRow, out, outOffset);
      transposeEight(data, offset + 32, stride, lastRow, out, outOffset + 8 * COUNT);
    }
  }

  /** The stages of the butterfly that swap rows 4, 2 and 1 apart, on 8 rows. */
  private static void transposeEight(
      byte[] data, int offset, int stride, int lastRow, int[] out, int outOffset) {
    IntVector a0 =
        ByteVector.fromArray(BYTES, data, offset + min(0, lastRow) * stride).reinterpretAsInts();
    IntVector a1 =
        ByteVector.fromArray(BYTES, data, offset + min(1, lastRow) * stride).reinterpretAsInts();
    IntVector a2 =
        ByteVector.fromArray(BYTES, data, offset + min(2, lastRow) * stride).reinterpretAsInts();
    IntVector a3 =
        ByteVector.fromArray(BYTES, data, offset + min(3, lastRow) * stride).reinterpretAsInts();
    IntVector a4 =
        ByteVector.fromArray(BYTES, data, offset + min(4, lastRow) * stride).reinterpretAsInts();
    IntVector a5 =
        ByteVector.fromArray(BYTES, data, offset + min(5, lastRow) * stride).reinterpretAsInts();
    IntVector a6 =
        ByteVector.fromArray(BYTES, data, offset + min(6, lastRow) * stride).reinterpretAsInts();
    IntVector a7 =
        ByteVector.fromArray(BYTES, data, offset + min(7, lastRow) * stride).reinterpretAsInts();
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

  /** The first stage of the butterfly on 16 rows; the order of the stages does not matter. */
  private static void swapEightApart(int[] rows, int offset) {
    for (int upper = offset; upper < offset + 8 * COUNT; upper += COUNT) {
      int lower = upper + 8 * COUNT;
      IntVector first = fromArray(INTS, rows, upper);
      IntVector second = fromArray(INTS, rows, lower);
      fromArray(INTS, INDEXES, LOW_8).selectFrom(first, second).intoArray(rows, upper);
      fromArray(INTS, INDEXES, HIGH_8).selectFrom(first, second).intoArray(rows, lower);
    }
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
