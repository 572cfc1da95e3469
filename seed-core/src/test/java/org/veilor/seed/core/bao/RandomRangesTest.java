package org.veilor.seed.core.bao;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.testing.Vectors;

/** The lazy code against the recursive definition, on random sizes and ranges. */
class RandomRangesTest {
  private static final int[] EDGES = {0, 1, 1023, 1024, 1025, 16383, 16384, 16385, 32768, 1048576};

  @RepeatedTest(60)
  void responsesAndOutboards(RepetitionInfo repetition) throws IOException {
    long seed = 0xb1abL + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int size =
        random.nextInt(4) == 0
            ? EDGES[random.nextInt(EDGES.length)] + random.nextInt(2)
            : random.nextInt(200_000);
    byte[] data = Vectors.pattern(size);
    ReferenceTree reference = new ReferenceTree(data);
    MemoryBlob blob = MemoryBlob.of(data);
    assertThat(Outboard.of(SubtreeEngine.preferred(), data).pairs())
        .as("seed %d, size %d", seed, size)
        .isEqualTo(reference.outboard());
    for (int i = 0; i < 8; i++) {
      ChunkRanges ranges = ranges(random, new BaoTree(size).chunks() + 3);
      if (ranges.isEmpty()) {
        continue;
      }
      byte[] response = BlobVectorsTest.encode(blob, ranges);
      assertThat(response)
          .as("seed %d, size %d, ranges %s", seed, size, ranges)
          .isEqualTo(reference.response(ranges));
      assertThat(BlobVectorsTest.decode(blob.hash(), ranges, response, 1 + random.nextInt(5000)))
          .isPositive();
    }
  }

  private static ChunkRanges ranges(Random random, long bound) {
    TreeSet<Long> boundaries = new TreeSet<>();
    int count = random.nextInt(7);
    for (int i = 0; i < count; i++) {
      boundaries.add(random.nextLong(bound));
    }
    long[] sorted = boundaries.stream().mapToLong(Long::longValue).toArray();
    if (random.nextInt(4) == 0) {
      sorted = Arrays.copyOf(sorted, sorted.length + 1);
      sorted[sorted.length - 1] = -1L;
    }
    return ChunkRanges.ofBoundaries(sorted);
  }

  @Test
  void byteAtATime() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(40_000));
    ChunkRanges ranges = ChunkRanges.ofBoundaries(1, 18, 39);
    byte[] response = BlobVectorsTest.encode(blob, ranges);
    assertThat(BlobVectorsTest.decode(blob.hash(), ranges, response, 1))
        .isEqualTo(17 * 1024 + 40_000 - 39 * 1024);
  }

  @RepeatedTest(40)
  void setAlgebra(RepetitionInfo repetition) {
    long seed = 0x5e7L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int universe = 40;
    ChunkRanges a = ranges(random, universe);
    ChunkRanges b = ranges(random, universe);
    String label = "seed " + seed + ": " + a + " and " + b;
    for (long chunk = 0; chunk < universe + 2; chunk++) {
      boolean inA = naivelyContains(a, chunk);
      boolean inB = naivelyContains(b, chunk);
      assertThat(a.contains(chunk)).as(label).isEqualTo(inA);
      assertThat(a.union(b).contains(chunk)).as(label).isEqualTo(inA || inB);
      assertThat(a.intersect(b).contains(chunk)).as(label).isEqualTo(inA && inB);
      assertThat(a.minus(b).contains(chunk)).as(label).isEqualTo(inA && !inB);
      for (long end = chunk + 1; end < universe; end++) {
        boolean any = false;
        boolean all = true;
        for (long c = chunk; c < end; c++) {
          any |= naivelyContains(a, c);
          all &= naivelyContains(a, c);
        }
        assertThat(a.intersects(chunk, end)).as(label).isEqualTo(any);
        assertThat(a.containsAll(chunk, end)).as(label).isEqualTo(all);
      }
    }
    assertThat(a.union(b)).isEqualTo(b.union(a)).hasSameHashCodeAs(b.union(a));
    assertThat(a.minus(b).union(a.intersect(b))).isEqualTo(a);
  }

  @RepeatedTest(40)
  void groupsAndShares(RepetitionInfo repetition) {
    long seed = 0x6709L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int universe = 100;
    ChunkRanges set = ranges(random, universe);
    String label = "seed " + seed + ": " + set;
    for (long chunk = 0; chunk < universe + 40; chunk++) {
      long group = chunk - chunk % BaoTree.GROUP_CHUNKS;
      boolean touched = false;
      for (long c = group; c < group + BaoTree.GROUP_CHUNKS; c++) {
        touched |= naivelyContains(set, c);
      }
      assertThat(set.toGroups().contains(chunk)).as(label).isEqualTo(touched);
    }
    assertThat(set.toGroups().toGroups()).as(label).isEqualTo(set.toGroups());
    ChunkRanges bounded = set.slice(0, universe);
    for (int count = 0; count < universe + 2; count++) {
      ChunkRanges lowest = set.lowest(count);
      assertThat(lowest.minus(set).isEmpty()).as(label).isTrue();
      if (count <= bounded.count()) {
        assertThat(lowest.count()).as(label).isEqualTo(count);
        assertThat(lowest.union(bounded.minus(lowest))).as(label).isEqualTo(bounded);
        assertThat(lowest.isEmpty() || lowest.equals(bounded.lowest(count))).as(label).isTrue();
      }
    }
  }

  @Test
  void groupsAndSharesAtTheUpperEnd() {
    assertThat(ChunkRanges.LAST_CHUNK.toGroups()).isEqualTo(ChunkRanges.from(-16L));
    assertThat(ChunkRanges.range(5, -3L).toGroups()).isEqualTo(ChunkRanges.ALL);
    assertThat(ChunkRanges.range(5, -16L).toGroups()).isEqualTo(ChunkRanges.range(0, -16L));
    assertThat(ChunkRanges.ofBoundaries(15, 16, 17).toGroups()).isEqualTo(ChunkRanges.ALL);
    assertThat(ChunkRanges.ofBoundaries(15, 16, 17, 18, 50, 51).toGroups())
        .isEqualTo(ChunkRanges.ofBoundaries(0, 32, 48, 64));
    assertThat(ChunkRanges.EMPTY.toGroups()).isEqualTo(ChunkRanges.EMPTY);
    assertThat(ChunkRanges.ALL.lowest(7)).isEqualTo(ChunkRanges.range(0, 7));
    assertThat(ChunkRanges.LAST_CHUNK.lowest(7)).isEqualTo(ChunkRanges.LAST_CHUNK);
    assertThat(ChunkRanges.from(3).lowest(2)).isEqualTo(ChunkRanges.range(3, 5));
    assertThatThrownBy(ChunkRanges.ALL::count).isInstanceOf(IllegalStateException.class);
  }

  private static boolean naivelyContains(ChunkRanges ranges, long chunk) {
    boolean inside = false;
    for (int i = 0; i < ranges.boundaryCount(); i++) {
      if (Long.compareUnsigned(ranges.boundary(i), chunk) <= 0) {
        inside = !inside;
      }
    }
    return inside;
  }

  @Test
  void boundariesAreUnsigned() {
    assertThat(ChunkRanges.ofBoundaries(1, -1L)).hasToString("1..18446744073709551615");
    assertThat(ChunkRanges.LAST_CHUNK.contains(-1L)).isTrue();
    assertThat(ChunkRanges.LAST_CHUNK.contains(Long.MAX_VALUE)).isFalse();
    assertThatThrownBy(() -> ChunkRanges.ofBoundaries(-1L, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ChunkRanges.ofBoundaries(3, 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ChunkRanges.EMPTY).hasToString("nothing");
  }

  @Test
  void byteRangesRoundToChunks() {
    assertThat(ChunkRanges.ofBytes(0, 1000)).isEqualTo(ChunkRanges.range(0, 1));
    assertThat(ChunkRanges.ofBytes(1023, 1025)).isEqualTo(ChunkRanges.range(0, 2));
    assertThat(ChunkRanges.ofBytes(1024, 2048)).isEqualTo(ChunkRanges.range(1, 2));
    assertThat(ChunkRanges.ofBytes(5, 5).isEmpty()).isTrue();
  }

  @Test
  void hugeBlobsAreWalkedLazily() {
    long size = Long.MAX_VALUE;
    ResponsePlan plan = new ResponsePlan(new BaoTree(size), ChunkRanges.LAST_CHUNK);
    int parents = 0;
    BaoItem item = plan.next();
    while (item instanceof BaoItem.Parent) {
      parents++;
      item = plan.next();
    }
    assertThat(parents).isEqualTo(53);
    assertThat(item.endChunk()).isEqualTo(1L << 53);
    assertThat(item.lengthBytes()).isEqualTo(1023);
    assertThat(plan.hasNext()).isFalse();
    assertThat(new BaoTree(size).outboardBytes()).isEqualTo(((1L << 49) - 1) * 64);
  }

  @Test
  void sizeChangesAreAnOutcome() throws IOException {
    for (int length : new int[] {0, 99_999, 100_001, 300_000}) {
      OutboardBuilder builder =
          new OutboardBuilder(
              SubtreeEngine.preferred(), 100_000, Outboard.into(Outboard.allocate(100_000)));
      builder.update(Vectors.pattern(length), 0, length);
      assertThat(builder.finish())
          .isEqualTo(new OutboardBuilder.Result.SizeChanged(100_000, length));
    }
  }
}
