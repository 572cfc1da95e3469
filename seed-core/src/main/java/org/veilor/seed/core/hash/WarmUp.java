package org.veilor.seed.core.hash;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.veilor.seed.core.hash.SwitchingEngine.Outcome;

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

  private static final double NEEDED_SPEED_UP = 2;

  /** Warming goes on while the speed-up grows by this factor from one look to the next. */
  private static final double STILL_GROWING = 1.1;

  private final OptionalEngine fast;
  private final LongSupplier nanoClock;
  private final byte[] data = new byte[GROUPS * GROUP_BYTES];

  WarmUp(OptionalEngine fast, LongSupplier nanoClock) {
    this.fast = fast;
    this.nanoClock = nanoClock;
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31 + (i >>> 10));
    }
  }

  Outcome run(long budgetNanos) {
    byte[] room = new byte[data.length];
    byte[] expected = Arrays.copyOf(room, exercise(ScalarEngine.INSTANCE, room));
    exercise(ScalarEngine.INSTANCE, expected);
    byte[] seen = new byte[expected.length];
    long end = nanoClock.getAsLong() + budgetNanos;
    double previous = 0;
    while (true) {
      long[] nanos = new long[4];
      boolean inTime = true;
      for (int i = 0; i < ROUNDS && inTime; i++) {
        Arrays.fill(seen, (byte) 0);
        exercise(fast, seen);
        if (!Arrays.equals(seen, expected)) {
          return new Outcome.StaysScalar("the vector engine computes wrong values");
        }
        measure(nanos);
        inTime = nanoClock.getAsLong() - end < 0;
      }
      double ofOne = (double) nanos[0] / Math.max(1, nanos[1]);
      double ofMany = (double) nanos[2] / Math.max(1, nanos[3]);
      double speedUp = Math.min(ofOne, ofMany);
      boolean settled = speedUp < previous * STILL_GROWING;
      if (speedUp >= NEEDED_SPEED_UP && (settled || !inTime)) {
        return new Outcome.Switched(fast.name(), ofOne);
      }
      if (!inTime) {
        return new Outcome.StaysScalar("the vector engine did not become fast in time");
      }
      previous = speedUp;
    }
  }

  /** Adds the times for one group at a time, scalar and fast, and for many at once. */
  private void measure(long[] nanos) {
    byte[] out = new byte[GROUPS * VALUE_BYTES];
    for (int i = 0; i < nanos.length; i++) {
      long start = nanoClock.getAsLong();
      hashAll(i % 2 == 0 ? ScalarEngine.INSTANCE : fast, i < 2 ? 1 : GROUPS, out);
      nanos[i] += nanoClock.getAsLong() - start;
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

  private void hashAll(SubtreeEngine engine, int groups, byte[] out) {
    for (int i = 0; i < GROUPS; i += groups) {
      if (groups == 1) {
        engine.subtreeValue(data, i * GROUP_BYTES, GROUP_BYTES, i, false, out, 0);
      } else {
        engine.groupValues(data, i * GROUP_BYTES, groups, i, out, 0);
      }
    }
  }
}
