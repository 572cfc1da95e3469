package org.veilor.seed.core.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.IntVector.fromArray;
import static jdk.incubator.vector.IntVector.fromMemorySegment;
import static org.veilor.seed.core.simd.Lanes.BYTES;
import static org.veilor.seed.core.simd.Lanes.EVEN;
import static org.veilor.seed.core.simd.Lanes.HIGH_1;
import static org.veilor.seed.core.simd.Lanes.HIGH_2;
import static org.veilor.seed.core.simd.Lanes.HIGH_4;
import static org.veilor.seed.core.simd.Lanes.HIGH_8;
import static org.veilor.seed.core.simd.Lanes.INDEXES;
import static org.veilor.seed.core.simd.Lanes.INTS;
import static org.veilor.seed.core.simd.Lanes.LOW_1;
import static org.veilor.seed.core.simd.Lanes.LOW_2;
import static org.veilor.seed.core.simd.Lanes.LOW_4;
import static org.veilor.seed.core.simd.Lanes.LOW_8;
import static org.veilor.seed.core.simd.Lanes.ODD;
import static org.veilor.seed.core.simd.Lanes.WIDE;
import static org.veilor.seed.core.simd.NativeScratch.IN_MEMORY;
import static org.veilor.seed.core.simd.NativeScratch.MEMORY;
import static org.veilor.seed.core.simd.NativeScratch.ROW;
import static org.veilor.seed.core.simd.NativeScratch.SET;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;

/** What {@link Lanes} does, from the heap into {@link NativeScratch}, and within it. */
final class TwoStateLanes {
  private TwoStateLanes() {}

  /**
   * Writes the 16 words of a block per lane, row by row.
   *
   * @param data the block of lane i lies at {@code offset + i * stride}
   */
  static void transpose(byte[] data, int offset, int stride, long out) {
    if (WIDE) {
      transposeSixteen(data, offset, stride, out);
    } else {
      transposeEight(data, offset, stride, out);
      transposeEight(data, offset + ROW, stride, out + SET);
    }
  }

  /**
   * Does all stages for 16 rows of 16 words, and loads each row once: rows that lie a power of two
   * apart push each other out of the cache. Because they lie askew in their cache lines, too, the
   * next block needs half of those lines again.
   */
  @SuppressWarnings("checkstyle:methodlength") // helper methods would not be inlined, see Lanes
  private static void transposeSixteen(byte[] data, int offset, int stride, long out) {
    final long o = out & IN_MEMORY;
    final IntVector a0 = ByteVector.fromArray(BYTES, data, offset).reinterpretAsInts();
    final IntVector a1 = ByteVector.fromArray(BYTES, data, offset + stride).reinterpretAsInts();
    final IntVector a2 = ByteVector.fromArray(BYTES, data, offset + 2 * stride).reinterpretAsInts();
    final IntVector a3 = ByteVector.fromArray(BYTES, data, offset + 3 * stride).reinterpretAsInts();
    final IntVector a4 = ByteVector.fromArray(BYTES, data, offset + 4 * stride).reinterpretAsInts();
    final IntVector a5 = ByteVector.fromArray(BYTES, data, offset + 5 * stride).reinterpretAsInts();
    final IntVector a6 = ByteVector.fromArray(BYTES, data, offset + 6 * stride).reinterpretAsInts();
    final IntVector a7 = ByteVector.fromArray(BYTES, data, offset + 7 * stride).reinterpretAsInts();
    final IntVector b0 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a0, a1);
    final IntVector b1 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a0, a1);
    final IntVector b2 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a2, a3);
    final IntVector b3 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a2, a3);
    final IntVector b4 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a4, a5);
    final IntVector b5 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a4, a5);
    final IntVector b6 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a6, a7);
    final IntVector b7 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a6, a7);
    final IntVector c0 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b0, b2);
    final IntVector c2 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b0, b2);
    final IntVector c1 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b1, b3);
    final IntVector c3 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b1, b3);
    final IntVector c4 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b4, b6);
    final IntVector c6 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b4, b6);
    final IntVector c5 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b5, b7);
    final IntVector c7 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b5, b7);
    final IntVector d0 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c0, c4);
    final IntVector d4 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c0, c4);
    final IntVector d1 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c1, c5);
    final IntVector d5 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c1, c5);
    final IntVector d2 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c2, c6);
    final IntVector d6 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c2, c6);
    final IntVector d3 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c3, c7);
    final IntVector d7 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c3, c7);
    final IntVector a8 = ByteVector.fromArray(BYTES, data, offset + 8 * stride).reinterpretAsInts();
    final IntVector a9 = ByteVector.fromArray(BYTES, data, offset + 9 * stride).reinterpretAsInts();
    final IntVector a10 =
        ByteVector.fromArray(BYTES, data, offset + 10 * stride).reinterpretAsInts();
    final IntVector a11 =
        ByteVector.fromArray(BYTES, data, offset + 11 * stride).reinterpretAsInts();
    final IntVector a12 =
        ByteVector.fromArray(BYTES, data, offset + 12 * stride).reinterpretAsInts();
    final IntVector a13 =
        ByteVector.fromArray(BYTES, data, offset + 13 * stride).reinterpretAsInts();
    final IntVector a14 =
        ByteVector.fromArray(BYTES, data, offset + 14 * stride).reinterpretAsInts();
    final IntVector a15 =
        ByteVector.fromArray(BYTES, data, offset + 15 * stride).reinterpretAsInts();
    final IntVector b8 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a8, a9);
    final IntVector b9 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a8, a9);
    final IntVector b10 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a10, a11);
    final IntVector b11 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a10, a11);
    final IntVector b12 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a12, a13);
    final IntVector b13 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a12, a13);
    final IntVector b14 = fromArray(INTS, INDEXES, LOW_1).selectFrom(a14, a15);
    final IntVector b15 = fromArray(INTS, INDEXES, HIGH_1).selectFrom(a14, a15);
    final IntVector c8 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b8, b10);
    final IntVector c10 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b8, b10);
    final IntVector c9 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b9, b11);
    final IntVector c11 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b9, b11);
    final IntVector c12 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b12, b14);
    final IntVector c14 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b12, b14);
    final IntVector c13 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b13, b15);
    final IntVector c15 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b13, b15);
    final IntVector d8 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c8, c12);
    final IntVector d12 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c8, c12);
    final IntVector d9 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c9, c13);
    final IntVector d13 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c9, c13);
    final IntVector d10 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c10, c14);
    final IntVector d14 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c10, c14);
    final IntVector d11 = fromArray(INTS, INDEXES, LOW_4).selectFrom(c11, c15);
    final IntVector d15 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(c11, c15);
    fromArray(INTS, INDEXES, LOW_8).selectFrom(d0, d8).intoMemorySegment(MEMORY, o, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d0, d8)
        .intoMemorySegment(MEMORY, o + 8L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d1, d9)
        .intoMemorySegment(MEMORY, o + ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d1, d9)
        .intoMemorySegment(MEMORY, o + 9L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d2, d10)
        .intoMemorySegment(MEMORY, o + 2L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d2, d10)
        .intoMemorySegment(MEMORY, o + 10L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d3, d11)
        .intoMemorySegment(MEMORY, o + 3L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d3, d11)
        .intoMemorySegment(MEMORY, o + 11L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d4, d12)
        .intoMemorySegment(MEMORY, o + 4L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d4, d12)
        .intoMemorySegment(MEMORY, o + 12L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d5, d13)
        .intoMemorySegment(MEMORY, o + 5L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d5, d13)
        .intoMemorySegment(MEMORY, o + 13L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d6, d14)
        .intoMemorySegment(MEMORY, o + 6L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d6, d14)
        .intoMemorySegment(MEMORY, o + 14L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_8)
        .selectFrom(d7, d15)
        .intoMemorySegment(MEMORY, o + 7L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_8)
        .selectFrom(d7, d15)
        .intoMemorySegment(MEMORY, o + 15L * ROW, LITTLE_ENDIAN);
  }

  /** Does all stages for 8 rows of 8 words. */
  private static void transposeEight(byte[] data, int offset, int stride, long out) {
    final long o = out & IN_MEMORY;
    final IntVector a0 = ByteVector.fromArray(BYTES, data, offset).reinterpretAsInts();
    final IntVector a1 = ByteVector.fromArray(BYTES, data, offset + stride).reinterpretAsInts();
    final IntVector a2 = ByteVector.fromArray(BYTES, data, offset + 2 * stride).reinterpretAsInts();
    final IntVector a3 = ByteVector.fromArray(BYTES, data, offset + 3 * stride).reinterpretAsInts();
    final IntVector a4 = ByteVector.fromArray(BYTES, data, offset + 4 * stride).reinterpretAsInts();
    final IntVector a5 = ByteVector.fromArray(BYTES, data, offset + 5 * stride).reinterpretAsInts();
    final IntVector a6 = ByteVector.fromArray(BYTES, data, offset + 6 * stride).reinterpretAsInts();
    final IntVector a7 = ByteVector.fromArray(BYTES, data, offset + 7 * stride).reinterpretAsInts();
    final IntVector b0 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a0, a4);
    final IntVector b4 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a0, a4);
    final IntVector b1 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a1, a5);
    final IntVector b5 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a1, a5);
    final IntVector b2 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a2, a6);
    final IntVector b6 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a2, a6);
    final IntVector b3 = fromArray(INTS, INDEXES, LOW_4).selectFrom(a3, a7);
    final IntVector b7 = fromArray(INTS, INDEXES, HIGH_4).selectFrom(a3, a7);
    final IntVector c0 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b0, b2);
    final IntVector c2 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b0, b2);
    final IntVector c1 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b1, b3);
    final IntVector c3 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b1, b3);
    final IntVector c4 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b4, b6);
    final IntVector c6 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b4, b6);
    final IntVector c5 = fromArray(INTS, INDEXES, LOW_2).selectFrom(b5, b7);
    final IntVector c7 = fromArray(INTS, INDEXES, HIGH_2).selectFrom(b5, b7);
    fromArray(INTS, INDEXES, LOW_1).selectFrom(c0, c1).intoMemorySegment(MEMORY, o, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_1)
        .selectFrom(c0, c1)
        .intoMemorySegment(MEMORY, o + ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_1)
        .selectFrom(c2, c3)
        .intoMemorySegment(MEMORY, o + 2L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_1)
        .selectFrom(c2, c3)
        .intoMemorySegment(MEMORY, o + 3L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_1)
        .selectFrom(c4, c5)
        .intoMemorySegment(MEMORY, o + 4L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_1)
        .selectFrom(c4, c5)
        .intoMemorySegment(MEMORY, o + 5L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, LOW_1)
        .selectFrom(c6, c7)
        .intoMemorySegment(MEMORY, o + 6L * ROW, LITTLE_ENDIAN);
    fromArray(INTS, INDEXES, HIGH_1)
        .selectFrom(c6, c7)
        .intoMemorySegment(MEMORY, o + 7L * ROW, LITTLE_ENDIAN);
  }

  /**
   * Turns the values of neighbours into the message of their parents.
   *
   * @param sets two sets
   * @param out receives a message: 8 rows of the left neighbours, 8 of the right ones
   */
  static void pair(long sets, long out) {
    long s = sets & IN_MEMORY;
    long o = out & IN_MEMORY;
    for (int word = 0; word < SET; word += ROW) {
      char at = (char) word;
      IntVector left = fromMemorySegment(INTS, MEMORY, s + at, LITTLE_ENDIAN);
      IntVector right = fromMemorySegment(INTS, MEMORY, s + SET + at, LITTLE_ENDIAN);
      fromArray(INTS, INDEXES, EVEN)
          .selectFrom(left, right)
          .intoMemorySegment(MEMORY, o + at, LITTLE_ENDIAN);
      fromArray(INTS, INDEXES, ODD)
          .selectFrom(left, right)
          .intoMemorySegment(MEMORY, o + SET + at, LITTLE_ENDIAN);
    }
  }
}
