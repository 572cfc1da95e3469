package org.veilor.seed.core.hash;

import java.util.Arrays;

/**
 * Hashes dummy data until a fast engine is compiled, and compares it with the scalar one: all its
 * ways through the code, at first interpreted, in the end compiled.
 */
final class WarmUp {
  private static final int GROUP_BYTES = SubtreeEngine.GROUP_BYTES;
  private static final int VALUE_BYTES = SubtreeEngine.VALUE_BYTES;

  /** Groups of the dummy data: enough for a lane per group and some more. */
  private static final int GROUPS = 20;

  /** Lengths of subtrees: whole and partial ones, with even and odd numbers of chunks. */
  private static final int[] SUBTREES = {GROUP_BYTES, GROUP_BYTES - 1, 5 * 1024, 11_000, 3072};

  /** The number of the first chunk: the low half of the counter overflows within the data. */
  private static final long FIRST_CHUNK = (1L << 32) - 24;

  /** Rounds between two looks at the speed. */
  private static final int ROUNDS = 32;

  /** Warming goes on while the speed-up grows by this factor from one look to the next. */
  private static final double STILL_GROWING = 1.1;

  /** Compiled engines allocate nothing, others megabytes, for the dummy data once. */
  private static final long MAX_ALLOCATED_BYTES = 4096;

  /** A healthy engine passes one of so many looks; a look may fall into other trouble. */
  private static final int LOOKS = 5;

  /** What came of it. */
  sealed interface Result {
    /**
     * Compiled, and right.
     *
     * @param ofOne how many times as fast as the engine it was compared with, for groups one by one
     * @param ofMany the same for many groups at once
     */
    record Ready(double ofOne, double ofMany) implements Result {}

    /** Not to be used. */
    record Refused(String reason) implements Result {}
  }

  private final SubtreeEngine fast;
  private final SubtreeEngine slow;
  private final JavaRuntime runtime;
  private final byte[] data = new byte[GROUPS * GROUP_BYTES];
  private final byte[] values = new byte[GROUPS * VALUE_BYTES];

  /**
   * Creates one.
   *
   * @param slow the engine to be compared with
   */
  WarmUp(SubtreeEngine fast, SubtreeEngine slow, JavaRuntime runtime) {
    this.fast = fast;
    this.slow = slow;
    this.runtime = runtime;
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31 + (i >>> 10));
    }
  }

  /**
   * Warms up.
   *
   * @param ofOne the speed-up for groups one by one that is good enough
   * @param ofMany the same for many groups at once
   * @param budgetNanos the CPU time when to give up
   */
  Result run(double ofOne, double ofMany, long budgetNanos) {
    byte[] room = new byte[data.length];
    byte[] expected = Arrays.copyOf(room, exercise(ScalarEngine.INSTANCE, room));
    exercise(ScalarEngine.INSTANCE, expected);
    byte[] seen = new byte[expected.length];
    long end = runtime.cpuNanos() + budgetNanos;
    double previous = 0;
    while (true) {
      long[] nanos = new long[4];
      boolean inTime = true;
      for (int i = 0; i < ROUNDS && inTime; i++) {
        Arrays.fill(seen, (byte) 0);
        exercise(fast, seen);
        if (!Arrays.equals(seen, expected)) {
          return new Result.Refused("the vector engine computes wrong values");
        }
        measure(nanos);
        inTime = runtime.cpuNanos() - end < 0;
      }
      Result.Ready speed =
          new Result.Ready(
              (double) nanos[0] / Math.max(1, nanos[1]), (double) nanos[2] / Math.max(1, nanos[3]));
      boolean settled = Math.min(speed.ofOne, speed.ofMany) < previous * STILL_GROWING;
      boolean enough = speed.ofOne >= ofOne && speed.ofMany >= ofMany && allocatesLittle();
      if (enough && (settled || !inTime)) {
        return speed;
      }
      if (!inTime) {
        return new Result.Refused("the vector engine did not become fast in time");
      }
      previous = Math.min(speed.ofOne, speed.ofMany);
    }
  }

  /** Whether the engine is still as fast as it has to be, and still allocates nothing. */
  boolean isHealthy(double ofOne, double ofMany) {
    for (int look = 0; look < LOOKS; look++) {
      long[] nanos = new long[4];
      measure(nanos);
      if (nanos[0] >= ofOne * nanos[1] && nanos[2] >= ofMany * nanos[3] && allocatesLittle()) {
        return true;
      }
    }
    return false;
  }

  private boolean allocatesLittle() {
    long before = runtime.allocatedBytes();
    hashAll(fast, 1);
    hashAll(fast, GROUPS);
    return runtime.allocatedBytes() - before <= MAX_ALLOCATED_BYTES;
  }

  /** Adds the times for one group at a time, slow and fast, and for many at once. */
  private void measure(long[] nanos) {
    for (int i = 0; i < nanos.length; i++) {
      long start = runtime.cpuNanos();
      hashAll(i % 2 == 0 ? slow : fast, i < 2 ? 1 : GROUPS);
      nanos[i] += runtime.cpuNanos() - start;
    }
  }

  /** Computes values in all ways. Returns how many bytes of {@code out} they take. */
  private int exercise(SubtreeEngine engine, byte[] out) {
    int end = 0;
    for (int groups : new int[] {GROUPS, 1, 3}) {
      engine.groupValues(data, 0, groups, FIRST_CHUNK, out, end);
      end += groups * VALUE_BYTES;
    }
    for (int length : SUBTREES) {
      engine.subtreeValue(data, 7, length, FIRST_CHUNK, false, out, end);
      engine.subtreeValue(data, 7, length, 0, true, out, end + VALUE_BYTES);
      end += 2 * VALUE_BYTES;
    }
    for (int parents : new int[] {64, 5}) {
      engine.parentValues(data, 3, parents, out, end);
      end += parents * VALUE_BYTES;
    }
    engine.parentValue(data, 0, true, out, end);
    engine.hash(data, 1, data.length - 1).writeTo(out, end + VALUE_BYTES);
    return end + 2 * VALUE_BYTES;
  }

  private void hashAll(SubtreeEngine engine, int groups) {
    for (int i = 0; i < GROUPS; i += groups) {
      if (groups == 1) {
        engine.subtreeValue(data, i * GROUP_BYTES, GROUP_BYTES, i, false, values, 0);
      } else {
        engine.groupValues(data, i * GROUP_BYTES, groups, i, values, 0);
      }
    }
  }
}
