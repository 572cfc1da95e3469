package org.veilor.seed.core.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.IntVector.broadcast;
import static jdk.incubator.vector.IntVector.fromMemorySegment;
import static jdk.incubator.vector.IntVector.zero;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.veilor.seed.core.simd.Lanes.INTS;
import static org.veilor.seed.core.simd.NativeScratch.IN_MEMORY;
import static org.veilor.seed.core.simd.NativeScratch.KEYS;
import static org.veilor.seed.core.simd.NativeScratch.MEMORY;
import static org.veilor.seed.core.simd.NativeScratch.MESSAGE;
import static org.veilor.seed.core.simd.NativeScratch.ROW;
import static org.veilor.seed.core.simd.NativeScratch.SET;

import jdk.incubator.vector.IntVector;

/**
 * The BLAKE3 compression function (BLAKE3 paper, section 2.2) on two independent blocks per lane:
 * two of what {@link Rounds} does, interleaved, because the sums and rotations of one wait for each
 * other most of the time. What is odd here, and why (docs/blake3.md has the figures):
 *
 * <ul>
 *   <li>The halves of a round of the two states take turns in the text. The compiler and the
 *       processor interleave them further; in 32 registers only a few values have no room.
 *   <li>Every address goes through {@link NativeScratch#IN_MEMORY}, and the table is of {@code
 *       char}: the compiler sees that nothing can lie outside {@link NativeScratch#MEMORY}, whose
 *       size it knows, and leaves all checks out.
 *   <li>Every call is made on what has just been loaded or computed (see {@link Lanes}).
 *   <li>The first tier of the JIT compiler cannot translate a method this large and would leave it
 *       interpreted for ever. {@link TwoStateEngine#DIRECTIVES} makes it smaller, for that tier
 *       only.
 * </ul>
 */
@SuppressWarnings("AssignmentExpression") // one expression for a quarter of G keeps it readable
final class TwoStateRounds {
  private static final int BLOCK_BYTES = 64;
  private static final int ALL_ROUNDS = 7 * 16;
  private static final char[] ORDER = Rounds.order(ROW);

  private TwoStateRounds() {}

  /**
   * Compresses two blocks per lane into two chaining values per lane. All positions are bytes of
   * {@link NativeScratch#MEMORY}.
   *
   * @param messages of the first state; that of the second is at {@code messages + MESSAGE}
   * @param in two sets: the input chaining values
   * @param counters for each state the lower, then the upper word of the counter
   * @param out receives two sets; may be {@code in}
   */
  @SuppressWarnings("checkstyle:methodlength") // no part of it can be a method, see above
  static void compress(long messages, long in, long counters, int flags, long out) {
    final long mx = messages & IN_MEMORY;
    final long my = (messages + MESSAGE) & IN_MEMORY;
    final long ix = in & IN_MEMORY;
    final long iy = (in + SET) & IN_MEMORY;
    final long cx = counters & IN_MEMORY;
    final long cy = (counters + 2L * ROW) & IN_MEMORY;
    IntVector x0 = fromMemorySegment(INTS, MEMORY, ix, LITTLE_ENDIAN);
    IntVector x1 = fromMemorySegment(INTS, MEMORY, ix + ROW, LITTLE_ENDIAN);
    IntVector x2 = fromMemorySegment(INTS, MEMORY, ix + 2L * ROW, LITTLE_ENDIAN);
    IntVector x3 = fromMemorySegment(INTS, MEMORY, ix + 3L * ROW, LITTLE_ENDIAN);
    IntVector x4 = fromMemorySegment(INTS, MEMORY, ix + 4L * ROW, LITTLE_ENDIAN);
    IntVector x5 = fromMemorySegment(INTS, MEMORY, ix + 5L * ROW, LITTLE_ENDIAN);
    IntVector x6 = fromMemorySegment(INTS, MEMORY, ix + 6L * ROW, LITTLE_ENDIAN);
    IntVector x7 = fromMemorySegment(INTS, MEMORY, ix + 7L * ROW, LITTLE_ENDIAN);
    IntVector x8 = fromMemorySegment(INTS, MEMORY, KEYS, LITTLE_ENDIAN);
    IntVector x9 = fromMemorySegment(INTS, MEMORY, KEYS + ROW, LITTLE_ENDIAN);
    IntVector x10 = fromMemorySegment(INTS, MEMORY, KEYS + 2L * ROW, LITTLE_ENDIAN);
    IntVector x11 = fromMemorySegment(INTS, MEMORY, KEYS + 3L * ROW, LITTLE_ENDIAN);
    IntVector x12 = fromMemorySegment(INTS, MEMORY, cx, LITTLE_ENDIAN);
    IntVector x13 = fromMemorySegment(INTS, MEMORY, cx + ROW, LITTLE_ENDIAN);
    IntVector x14 = broadcast(INTS, BLOCK_BYTES);
    IntVector x15 = broadcast(INTS, flags);
    IntVector y0 = fromMemorySegment(INTS, MEMORY, iy, LITTLE_ENDIAN);
    IntVector y1 = fromMemorySegment(INTS, MEMORY, iy + ROW, LITTLE_ENDIAN);
    IntVector y2 = fromMemorySegment(INTS, MEMORY, iy + 2L * ROW, LITTLE_ENDIAN);
    IntVector y3 = fromMemorySegment(INTS, MEMORY, iy + 3L * ROW, LITTLE_ENDIAN);
    IntVector y4 = fromMemorySegment(INTS, MEMORY, iy + 4L * ROW, LITTLE_ENDIAN);
    IntVector y5 = fromMemorySegment(INTS, MEMORY, iy + 5L * ROW, LITTLE_ENDIAN);
    IntVector y6 = fromMemorySegment(INTS, MEMORY, iy + 6L * ROW, LITTLE_ENDIAN);
    IntVector y7 = fromMemorySegment(INTS, MEMORY, iy + 7L * ROW, LITTLE_ENDIAN);
    IntVector y8 = fromMemorySegment(INTS, MEMORY, KEYS, LITTLE_ENDIAN);
    IntVector y9 = fromMemorySegment(INTS, MEMORY, KEYS + ROW, LITTLE_ENDIAN);
    IntVector y10 = fromMemorySegment(INTS, MEMORY, KEYS + 2L * ROW, LITTLE_ENDIAN);
    IntVector y11 = fromMemorySegment(INTS, MEMORY, KEYS + 3L * ROW, LITTLE_ENDIAN);
    IntVector y12 = fromMemorySegment(INTS, MEMORY, cy, LITTLE_ENDIAN);
    IntVector y13 = fromMemorySegment(INTS, MEMORY, cy + ROW, LITTLE_ENDIAN);
    IntVector y14 = broadcast(INTS, BLOCK_BYTES);
    IntVector y15 = broadcast(INTS, flags);
    for (int i = 0; i < ALL_ROUNDS; i += 16) {
      x0 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i], LITTLE_ENDIAN).add(x0).add(x4);
      x12 = x0.lanewise(XOR, x12).lanewise(ROR, 16);
      x4 = (x8 = x12.add(x8)).lanewise(XOR, x4).lanewise(ROR, 12);
      x0 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 1], LITTLE_ENDIAN).add(x0).add(x4);
      x12 = x0.lanewise(XOR, x12).lanewise(ROR, 8);
      x4 = (x8 = x12.add(x8)).lanewise(XOR, x4).lanewise(ROR, 7);
      x1 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 2], LITTLE_ENDIAN).add(x1).add(x5);
      x13 = x1.lanewise(XOR, x13).lanewise(ROR, 16);
      x5 = (x9 = x13.add(x9)).lanewise(XOR, x5).lanewise(ROR, 12);
      x1 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 3], LITTLE_ENDIAN).add(x1).add(x5);
      x13 = x1.lanewise(XOR, x13).lanewise(ROR, 8);
      x5 = (x9 = x13.add(x9)).lanewise(XOR, x5).lanewise(ROR, 7);
      x2 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 4], LITTLE_ENDIAN).add(x2).add(x6);
      x14 = x2.lanewise(XOR, x14).lanewise(ROR, 16);
      x6 = (x10 = x14.add(x10)).lanewise(XOR, x6).lanewise(ROR, 12);
      x2 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 5], LITTLE_ENDIAN).add(x2).add(x6);
      x14 = x2.lanewise(XOR, x14).lanewise(ROR, 8);
      x6 = (x10 = x14.add(x10)).lanewise(XOR, x6).lanewise(ROR, 7);
      x3 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 6], LITTLE_ENDIAN).add(x3).add(x7);
      x15 = x3.lanewise(XOR, x15).lanewise(ROR, 16);
      x7 = (x11 = x15.add(x11)).lanewise(XOR, x7).lanewise(ROR, 12);
      x3 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 7], LITTLE_ENDIAN).add(x3).add(x7);
      x15 = x3.lanewise(XOR, x15).lanewise(ROR, 8);
      x7 = (x11 = x15.add(x11)).lanewise(XOR, x7).lanewise(ROR, 7);
      y0 = fromMemorySegment(INTS, MEMORY, my + ORDER[i], LITTLE_ENDIAN).add(y0).add(y4);
      y12 = y0.lanewise(XOR, y12).lanewise(ROR, 16);
      y4 = (y8 = y12.add(y8)).lanewise(XOR, y4).lanewise(ROR, 12);
      y0 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 1], LITTLE_ENDIAN).add(y0).add(y4);
      y12 = y0.lanewise(XOR, y12).lanewise(ROR, 8);
      y4 = (y8 = y12.add(y8)).lanewise(XOR, y4).lanewise(ROR, 7);
      y1 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 2], LITTLE_ENDIAN).add(y1).add(y5);
      y13 = y1.lanewise(XOR, y13).lanewise(ROR, 16);
      y5 = (y9 = y13.add(y9)).lanewise(XOR, y5).lanewise(ROR, 12);
      y1 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 3], LITTLE_ENDIAN).add(y1).add(y5);
      y13 = y1.lanewise(XOR, y13).lanewise(ROR, 8);
      y5 = (y9 = y13.add(y9)).lanewise(XOR, y5).lanewise(ROR, 7);
      y2 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 4], LITTLE_ENDIAN).add(y2).add(y6);
      y14 = y2.lanewise(XOR, y14).lanewise(ROR, 16);
      y6 = (y10 = y14.add(y10)).lanewise(XOR, y6).lanewise(ROR, 12);
      y2 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 5], LITTLE_ENDIAN).add(y2).add(y6);
      y14 = y2.lanewise(XOR, y14).lanewise(ROR, 8);
      y6 = (y10 = y14.add(y10)).lanewise(XOR, y6).lanewise(ROR, 7);
      y3 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 6], LITTLE_ENDIAN).add(y3).add(y7);
      y15 = y3.lanewise(XOR, y15).lanewise(ROR, 16);
      y7 = (y11 = y15.add(y11)).lanewise(XOR, y7).lanewise(ROR, 12);
      y3 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 7], LITTLE_ENDIAN).add(y3).add(y7);
      y15 = y3.lanewise(XOR, y15).lanewise(ROR, 8);
      y7 = (y11 = y15.add(y11)).lanewise(XOR, y7).lanewise(ROR, 7);
      x0 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 8], LITTLE_ENDIAN).add(x0).add(x5);
      x15 = x0.lanewise(XOR, x15).lanewise(ROR, 16);
      x5 = (x10 = x15.add(x10)).lanewise(XOR, x5).lanewise(ROR, 12);
      x0 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 9], LITTLE_ENDIAN).add(x0).add(x5);
      x15 = x0.lanewise(XOR, x15).lanewise(ROR, 8);
      x5 = (x10 = x15.add(x10)).lanewise(XOR, x5).lanewise(ROR, 7);
      x1 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 10], LITTLE_ENDIAN).add(x1).add(x6);
      x12 = x1.lanewise(XOR, x12).lanewise(ROR, 16);
      x6 = (x11 = x12.add(x11)).lanewise(XOR, x6).lanewise(ROR, 12);
      x1 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 11], LITTLE_ENDIAN).add(x1).add(x6);
      x12 = x1.lanewise(XOR, x12).lanewise(ROR, 8);
      x6 = (x11 = x12.add(x11)).lanewise(XOR, x6).lanewise(ROR, 7);
      x2 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 12], LITTLE_ENDIAN).add(x2).add(x7);
      x13 = x2.lanewise(XOR, x13).lanewise(ROR, 16);
      x7 = (x8 = x13.add(x8)).lanewise(XOR, x7).lanewise(ROR, 12);
      x2 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 13], LITTLE_ENDIAN).add(x2).add(x7);
      x13 = x2.lanewise(XOR, x13).lanewise(ROR, 8);
      x7 = (x8 = x13.add(x8)).lanewise(XOR, x7).lanewise(ROR, 7);
      x3 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 14], LITTLE_ENDIAN).add(x3).add(x4);
      x14 = x3.lanewise(XOR, x14).lanewise(ROR, 16);
      x4 = (x9 = x14.add(x9)).lanewise(XOR, x4).lanewise(ROR, 12);
      x3 = fromMemorySegment(INTS, MEMORY, mx + ORDER[i + 15], LITTLE_ENDIAN).add(x3).add(x4);
      x14 = x3.lanewise(XOR, x14).lanewise(ROR, 8);
      x4 = (x9 = x14.add(x9)).lanewise(XOR, x4).lanewise(ROR, 7);
      y0 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 8], LITTLE_ENDIAN).add(y0).add(y5);
      y15 = y0.lanewise(XOR, y15).lanewise(ROR, 16);
      y5 = (y10 = y15.add(y10)).lanewise(XOR, y5).lanewise(ROR, 12);
      y0 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 9], LITTLE_ENDIAN).add(y0).add(y5);
      y15 = y0.lanewise(XOR, y15).lanewise(ROR, 8);
      y5 = (y10 = y15.add(y10)).lanewise(XOR, y5).lanewise(ROR, 7);
      y1 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 10], LITTLE_ENDIAN).add(y1).add(y6);
      y12 = y1.lanewise(XOR, y12).lanewise(ROR, 16);
      y6 = (y11 = y12.add(y11)).lanewise(XOR, y6).lanewise(ROR, 12);
      y1 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 11], LITTLE_ENDIAN).add(y1).add(y6);
      y12 = y1.lanewise(XOR, y12).lanewise(ROR, 8);
      y6 = (y11 = y12.add(y11)).lanewise(XOR, y6).lanewise(ROR, 7);
      y2 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 12], LITTLE_ENDIAN).add(y2).add(y7);
      y13 = y2.lanewise(XOR, y13).lanewise(ROR, 16);
      y7 = (y8 = y13.add(y8)).lanewise(XOR, y7).lanewise(ROR, 12);
      y2 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 13], LITTLE_ENDIAN).add(y2).add(y7);
      y13 = y2.lanewise(XOR, y13).lanewise(ROR, 8);
      y7 = (y8 = y13.add(y8)).lanewise(XOR, y7).lanewise(ROR, 7);
      y3 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 14], LITTLE_ENDIAN).add(y3).add(y4);
      y14 = y3.lanewise(XOR, y14).lanewise(ROR, 16);
      y4 = (y9 = y14.add(y9)).lanewise(XOR, y4).lanewise(ROR, 12);
      y3 = fromMemorySegment(INTS, MEMORY, my + ORDER[i + 15], LITTLE_ENDIAN).add(y3).add(y4);
      y14 = y3.lanewise(XOR, y14).lanewise(ROR, 8);
      y4 = (y9 = y14.add(y9)).lanewise(XOR, y4).lanewise(ROR, 7);
    }
    // The zero has a class that is known (see above).
    final long ox = out & IN_MEMORY;
    zero(INTS).add(x0).lanewise(XOR, x8).intoMemorySegment(MEMORY, ox, LITTLE_ENDIAN);
    zero(INTS).add(x1).lanewise(XOR, x9).intoMemorySegment(MEMORY, ox + ROW, LITTLE_ENDIAN);
    zero(INTS).add(x2).lanewise(XOR, x10).intoMemorySegment(MEMORY, ox + 2L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(x3).lanewise(XOR, x11).intoMemorySegment(MEMORY, ox + 3L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(x4).lanewise(XOR, x12).intoMemorySegment(MEMORY, ox + 4L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(x5).lanewise(XOR, x13).intoMemorySegment(MEMORY, ox + 5L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(x6).lanewise(XOR, x14).intoMemorySegment(MEMORY, ox + 6L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(x7).lanewise(XOR, x15).intoMemorySegment(MEMORY, ox + 7L * ROW, LITTLE_ENDIAN);
    final long oy = (out + SET) & IN_MEMORY;
    zero(INTS).add(y0).lanewise(XOR, y8).intoMemorySegment(MEMORY, oy, LITTLE_ENDIAN);
    zero(INTS).add(y1).lanewise(XOR, y9).intoMemorySegment(MEMORY, oy + ROW, LITTLE_ENDIAN);
    zero(INTS).add(y2).lanewise(XOR, y10).intoMemorySegment(MEMORY, oy + 2L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(y3).lanewise(XOR, y11).intoMemorySegment(MEMORY, oy + 3L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(y4).lanewise(XOR, y12).intoMemorySegment(MEMORY, oy + 4L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(y5).lanewise(XOR, y13).intoMemorySegment(MEMORY, oy + 5L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(y6).lanewise(XOR, y14).intoMemorySegment(MEMORY, oy + 6L * ROW, LITTLE_ENDIAN);
    zero(INTS).add(y7).lanewise(XOR, y15).intoMemorySegment(MEMORY, oy + 7L * ROW, LITTLE_ENDIAN);
  }
}
