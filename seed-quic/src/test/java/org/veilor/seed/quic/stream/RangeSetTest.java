package org.veilor.seed.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compared with a {@link BitSet}. */
class RangeSetTest {
  private static final int SIZE = 120;

  private static String text(BitSet bits) {
    StringBuilder text = new StringBuilder("{");
    for (int start = bits.nextSetBit(0); start >= 0; ) {
      int end = bits.nextClearBit(start);
      text.append('[').append(start).append(", ").append(end).append(')');
      start = bits.nextSetBit(end);
    }
    return text.append('}').toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void behavesLikeABitSet(long seed) {
    Random random = new Random(seed);
    RangeSet ranges = new RangeSet();
    BitSet bits = new BitSet();
    for (int i = 0; i < 20_000; i++) {
      int start = random.nextInt(SIZE);
      int end = Math.min(SIZE, start + random.nextInt(1 + random.nextInt(12)));
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          ranges.add(start, end);
          bits.set(start, end);
        }
        case 2, 3 -> {
          ranges.remove(start, end);
          bits.clear(start, end);
        }
        default -> {
          RangeSet gaps = new RangeSet();
          ranges.addGapsTo(gaps, start, end);
          BitSet expected = new BitSet();
          expected.set(start, end);
          expected.andNot(bits);
          assertThat(gaps.toString()).as("seed %d step %d", seed, i).isEqualTo(text(expected));
        }
      }
      assertThat(ranges.toString()).as("seed %d step %d", seed, i).isEqualTo(text(bits));
      assertThat(ranges.isEmpty()).isEqualTo(bits.isEmpty());
      if (!bits.isEmpty()) {
        assertThat(ranges.firstStart()).isEqualTo(bits.nextSetBit(0));
        assertThat(ranges.firstEnd()).isEqualTo(bits.nextClearBit(bits.nextSetBit(0)));
      }
    }
  }

  @Test
  void manyRangesThenNone() {
    RangeSet ranges = new RangeSet();
    for (int i = 0; i < 10_000; i++) {
      ranges.add(3L * i, 3L * i + 2);
    }
    assertThat(ranges.count()).isEqualTo(10_000);
    ranges.add(0, 30_000);
    assertThat(ranges.toString()).isEqualTo("{[0, 30000)}");
    ranges.clear();
    assertThat(ranges.isEmpty()).isTrue();
  }
}
