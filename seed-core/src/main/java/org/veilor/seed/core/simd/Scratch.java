package org.veilor.seed.core.simd;

import static org.veilor.seed.core.simd.Lanes.COUNT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Working memory of one call, and a few of them to be reused, so that hashing allocates nothing.
 *
 * <p>All of it is one array; the constants are offsets into it. A <em>set</em> is the chaining
 * values of {@link Lanes#COUNT} nodes: 8 words of that many lanes.
 */
final class Scratch {
  /** Words of a set. */
  static final int SET = 8 * COUNT;

  /** Words of a message. */
  static final int MESSAGE = 16 * COUNT;

  /** Sets that fit in: the values of the chunks of {@link Lanes#COUNT} groups. */
  static final int MAX_SETS = SubtreeEngine.GROUP_CHUNKS;

  /** The key of the unkeyed mode in every lane: a set. */
  static final int KEY = 0;

  /** The counters of parents: two words of zeros. */
  static final int NO_COUNTERS = KEY + SET;

  /** The counters of chunks: two words. */
  static final int COUNTERS = NO_COUNTERS + 2 * COUNT;

  /** The values of up to {@link #MAX_SETS} sets of nodes. */
  static final int VALUES = COUNTERS + 2 * COUNT;

  /** The messages of the 16 blocks of a chunk per lane. */
  static final int MESSAGES = VALUES + MAX_SETS * SET;

  private static final int WORDS = MESSAGES + 16 * MESSAGE;

  /** The first words of the fractional parts of square roots (BLAKE3 paper, table 1). */
  static final int[] INITIALISATION_VECTOR = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  };

  /** More than this many calls at the same time allocate their working memory: 26 KiB each. */
  private static final int POOLED = 32;

  private static final @Nullable Scratch[] POOL = new Scratch[POOLED];
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Scratch[].class);

  final int[] words = new int[WORDS];
  final byte[] value = new byte[SubtreeEngine.VALUE_BYTES];

  private Scratch() {
    for (int i = 0; i < INITIALISATION_VECTOR.length; i++) {
      int start = KEY + i * COUNT;
      Arrays.fill(words, start, start + COUNT, INITIALISATION_VECTOR[i]);
    }
  }

  /** Working memory that nobody else has until it is {@link #release released}. */
  static Scratch acquire() {
    for (int i = 0; i < POOLED; i++) {
      if (POOL[i] != null) {
        Scratch scratch = (Scratch) SLOT.getAndSet(POOL, i, (Scratch) null);
        if (scratch != null) {
          return scratch;
        }
      }
    }
    return new Scratch();
  }

  /** Gives the working memory back; it is dropped if enough lie idle. */
  void release() {
    for (int i = 0; i < POOLED; i++) {
      if (POOL[i] == null && SLOT.compareAndSet(POOL, i, (Scratch) null, this)) {
        return;
      }
    }
  }
}
