package org.veilor.seed.core.simd;

import static org.veilor.seed.core.simd.Lanes.COUNT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Working memory of {@link TwoStateEngine}, outside the heap: there it lies at the bounds of cache
 * lines, which arrays do not (a vector of 512 bits is a whole line).
 *
 * <p>All of it is one segment that is never freed. Its size is a constant for the JIT compiler, and
 * a position that went through {@link #IN_MEMORY} plus a {@code char} is inside: no load and no
 * store is checked. All constants count bytes. A <em>row</em> is a word of every lane, a
 * <em>set</em> the chaining values of {@link Lanes#COUNT} nodes, a <em>slot</em> the memory of one
 * call.
 */
final class NativeScratch {
  /** A vector. */
  static final int ROW = 4 * COUNT;

  /** 8 rows: a chaining value per lane. */
  static final int SET = 8 * ROW;

  /** 16 rows: a block per lane. */
  static final int MESSAGE = 16 * ROW;

  /** Sets that a slot has room for. */
  static final int MAX_SETS = 16;

  /** Slots; calls beyond them have to do without. */
  private static final int SLOTS = 16;

  private static final int PAGE = 4096;

  /** The key of the unkeyed mode in every lane: two sets, for two states. */
  static final long KEYS = 0;

  /** The counters of parents: zeros, two rows for each of two states. */
  static final long NO_COUNTERS = KEYS + 2L * SET;

  // In a slot.

  /** The counters of chunks: two rows for each of two states. */
  static final int COUNTERS = 0;

  /** The values of up to {@link #MAX_SETS} sets of nodes. */
  static final int VALUES = COUNTERS + 4 * ROW;

  /** The messages of the 16 blocks of two chunks per lane. */
  static final int MESSAGES = VALUES + MAX_SETS * SET;

  private static final int SLOT =
      (MESSAGES + 2 * SubtreeEngine.CHUNK_BYTES * COUNT + PAGE - 1) / PAGE * PAGE;

  private static final int SLOTS_START = PAGE;
  private static final int USED = SLOTS_START + SLOTS * SLOT;

  /** Leaves a position that is inside as it is, and makes one that is not one that is. */
  static final long IN_MEMORY = 2L * Integer.highestOneBit(USED - 1) - ROW;

  /** All slots, behind what they share. */
  static final MemorySegment MEMORY =
      Arena.global().allocate(IN_MEMORY + ROW + Character.MAX_VALUE + MESSAGE, PAGE);

  private static final int[] TAKEN = new int[SLOTS];
  private static final VarHandle IS_TAKEN = MethodHandles.arrayElementVarHandle(int[].class);

  static {
    for (int word = 0; word < SET / ROW; word++) {
      for (int lane = 0; lane < COUNT; lane++) {
        long position = KEYS + (long) word * ROW + lane * 4L;
        MEMORY.set(ValueLayout.JAVA_INT, position, Scratch.INITIALISATION_VECTOR[word]);
        MEMORY.set(ValueLayout.JAVA_INT, position + SET, Scratch.INITIALISATION_VECTOR[word]);
      }
    }
  }

  private NativeScratch() {}

  /** The position of the first state's message of a block; the second state's comes behind it. */
  static long message(long slot, int block) {
    return slot + MESSAGES + block * 2L * MESSAGE;
  }

  /** The position of a slot that nobody else has until it is released, or -1: all are taken. */
  static long acquire() {
    for (int i = 0; i < SLOTS; i++) {
      if (TAKEN[i] == 0 && IS_TAKEN.compareAndSet(TAKEN, i, 0, 1)) {
        return SLOTS_START + (long) i * SLOT;
      }
    }
    return -1;
  }

  /** Gives a slot back. */
  static void release(long slot) {
    IS_TAKEN.setRelease(TAKEN, (int) ((slot - SLOTS_START) / SLOT), 0);
  }
}
