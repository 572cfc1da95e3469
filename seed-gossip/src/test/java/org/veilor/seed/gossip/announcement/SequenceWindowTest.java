package org.veilor.seed.gossip.announcement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veilor.seed.gossip.announcement.GateState.Sequences;

class SequenceWindowTest {
  /** A set without bounds, and the floor computed from it. */
  @Test
  void likeASetOfAllThatWereSeen() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      int capacity = 1 + random.nextInt(10);
      SequenceWindow window = new SequenceWindow(capacity, Sequences.NONE);
      TreeSet<Long> all = new TreeSet<>();
      long floor = -1;
      for (int i = 0; i < 100; i++) {
        long sequence = random.nextInt(2 * (i + 5));
        boolean seen = sequence <= floor || all.contains(sequence);
        assertThat(window.isSeen(sequence)).as("seed %d", seed).isEqualTo(seen);
        window.add(sequence);
        if (!seen) {
          all.add(sequence);
          if (all.size() >= capacity) {
            floor = all.removeFirst();
          }
        }
        assertThat(window.export())
            .as("seed %d", seed)
            .isEqualTo(new Sequences(floor, List.copyOf(all)));
        if (random.nextInt(10) == 0) {
          window = new SequenceWindow(capacity, window.export());
        }
      }
    }
  }

  @Test
  void aSmallerWindowThanBeforeForgetsNothing() {
    SequenceWindow window = new SequenceWindow(2, new Sequences(4, List.of(6L, 8L, 10L)));
    assertThat(window.export()).isEqualTo(new Sequences(8, List.of(10L)));
  }
}
