package org.veilor.seed.node.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.bao.ChunkRanges;

class ChunkSetsTest {
  private static final int CHUNKS = 16 * 12 + 5;

  private static ChunkRanges random(Random random) {
    ChunkRanges set = ChunkRanges.EMPTY;
    for (int i = 0; i < random.nextInt(6); i++) {
      int start = random.nextInt(CHUNKS);
      set = set.union(ChunkRanges.range(start, start + 1 + random.nextInt(80)));
    }
    return random.nextInt(4) == 0 ? set.union(ChunkRanges.from(random.nextInt(CHUNKS))) : set;
  }

  @Test
  void wholeGroupsAreThoseOfWhichAllChunksArePresent() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      ChunkRanges set = random(random);
      ChunkRanges whole = ChunkSets.wholeGroups(set, CHUNKS);
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        int start = chunk / 16 * 16;
        boolean expected = set.containsAll(start, Math.min(CHUNKS, start + 16));
        assertThat(whole.contains(chunk))
            .as("%s, chunk %d of %s", seed, chunk, set)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void frontAndBackTakeWholeGroupsFromTheEnds() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      ChunkRanges set = ChunkSets.wholeGroups(random(random), CHUNKS).slice(0, CHUNKS);
      long bytes = 1 + random.nextLong(200_000);
      ChunkRanges front = ChunkSets.front(set, bytes);
      assertThat(front.minus(set).isEmpty()).isTrue();
      assertThat(ChunkSets.bytes(front)).isLessThanOrEqualTo(Math.max(bytes, 16 * 1024));
      if (!set.isEmpty()) {
        assertThat(front.boundary(0)).isEqualTo(set.boundary(0));
        ChunkRanges back = ChunkSets.back(set, bytes);
        assertThat(back.isEmpty()).isFalse();
        assertThat(back.minus(set).isEmpty()).isTrue();
        assertThat(back.boundary(0) % 16).isZero();
        assertThat(back.boundary(1)).isEqualTo(set.boundary(set.boundaryCount() - 1));
      }
    }
  }
}
