package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.hash.Hash;

/**
 * Hit rates against plain LRU and Caffeine's own bound; the table of docs/benchmarks.md.
 *
 * <p>With {@code -Dveilor.cache.requests=400000} the table is that of the documentation; it is
 * written to {@code target/cache-simulation.md}.
 */
final class CacheSimulationTest {
  private static final int REQUESTS = Integer.getInteger("veilor.cache.requests", 60_000);
  private static final long SEED = 1;

  @Test
  void hitRates() throws Exception {
    StringBuilder table = new StringBuilder();
    for (CacheSimulation.Mix mix : CacheSimulation.Mix.values()) {
      table.append("\n**").append(mix.title).append("**\n\n");
      table.append("| | hits | bytes hit | peak GiB | evicted right after the pull |\n");
      table.append("|---|---|---|---|---|\n");
      CacheSimulation.Result ours = run(mix, new CacheSimulation.Ours(25, 1));
      CacheSimulation.Result open = run(mix, new CacheSimulation.Ours(100, 100));
      CacheSimulation.Result lru = run(mix, new CacheSimulation.Lru());
      CacheSimulation.Result bound = run(mix, new CacheSimulation.CaffeineBound());
      table.append(ours.row("this cache")).append('\n');
      table.append(open.row("this cache, everything admitted")).append('\n');
      table.append(lru.row("plain LRU")).append('\n');
      table.append(bound.row("Caffeine's own bound")).append('\n');
      assertThat(ours.peakBytes()).isLessThanOrEqualTo(CacheSimulation.BUDGET);
      assertThat(ours.lostAtOnce()).isZero();
      assertThat(open.peakBytes()).isLessThanOrEqualTo(CacheSimulation.BUDGET);
      assertThat(ours.hitRate()).as(mix.title).isGreaterThan(lru.hitRate());
    }
    Files.writeString(Path.of("target", "cache-simulation.md"), table);
  }

  private static CacheSimulation.Result run(
      CacheSimulation.Mix mix, CacheSimulation.Keeper keeper) {
    return new CacheSimulation(mix, SEED).run(keeper, REQUESTS);
  }

  @Test
  void twoHundredThousandEntriesAreCountedExactly() {
    Random random = new Random(SEED);
    CacheSimulation.Ours ours = new CacheSimulation.Ours(25, 1);
    for (int i = 0; i < 400_000; i++) {
      ours.request(CacheSimulation.hash(0, random.nextInt(500_000)), 1 + random.nextInt(80_000));
      if (i % 50_000 == 49_999) {
        assertCounted(ours);
      }
    }
    assertCounted(ours);
    assertThat(ours.index().stats().completeBlobs()).isGreaterThan(200_000);
    assertThat(ours.index().stats().removed()).containsKey(Removal.EVICTED);
    for (CachedBlob blob : ours.index().snapshot()) {
      ours.index().remove(blob.hash(), Removal.REQUESTED);
    }
    assertThat(ours.index().stats().usedBytes()).isZero();
    assertThat(ours.index().stats().completeBlobs()).isZero();
    Hash next = CacheSimulation.hash(0, 1);
    assertThat(ours.request(next, 1000)).isFalse();
    assertThat(ours.request(next, 1000)).isTrue();
  }

  private static void assertCounted(CacheSimulation.Ours ours) {
    long sum = 0;
    for (CachedBlob blob : ours.index().snapshot()) {
      sum += blob.accountedBytes();
    }
    assertThat(ours.index().stats().usedBytes()).isEqualTo(sum);
    assertThat(ours.peakBytes()).isLessThanOrEqualTo(CacheSimulation.BUDGET);
  }
}
