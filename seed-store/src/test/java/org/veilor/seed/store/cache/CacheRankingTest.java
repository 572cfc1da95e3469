package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.store.cache.CacheSamples.MIB;
import static org.veilor.seed.store.cache.CacheSamples.bytes;
import static org.veilor.seed.store.cache.CacheSamples.diskUse;
import static org.veilor.seed.store.cache.CacheSamples.found;
import static org.veilor.seed.store.cache.CacheSamples.isThere;
import static org.veilor.seed.store.cache.CacheSamples.store;
import static org.veilor.seed.store.cache.CacheSamples.writer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/** Who is coldest, and that this is known after a restart. */
final class CacheRankingTest {
  @TempDir Path state;
  private Instant now = Instant.parse("2026-11-21T12:00:00Z");

  private CacheOptions options(long maxBytes) {
    return new CacheOptions(maxBytes, 0, () -> now, 100, 100);
  }

  private void pass(long seconds) {
    now = now.plusSeconds(seconds);
  }

  @Test
  void theRankingSurvives() throws Exception {
    List<MemoryBlob> blobs = new ArrayList<>();
    Map<Hash, CachedBlob> before;
    try (BlobCache cache = BlobCache.open(state, options(16 * MIB))) {
      for (int i = 0; i < 12; i++) {
        blobs.add(store(cache, bytes(i, 1_000_000)));
        pass(60);
      }
      for (int use = 0; use < 5; use++) {
        for (MemoryBlob hot : blobs.subList(0, 3)) {
          found(cache, hot.hash()).close();
          pass(60);
        }
      }
      before = all(cache);
      assertThat(known(before, blobs.getFirst().hash()).accesses()).isEqualTo(6);
    }
    try (BlobCache cache = BlobCache.open(state, options(16 * MIB))) {
      Map<Hash, CachedBlob> after = all(cache);
      for (CachedBlob blob : before.values()) {
        CachedBlob same = known(after, blob.hash());
        assertThat(same.accesses()).isEqualTo(blob.accesses());
        assertThat(same.lastAccessMillis() / 1000).isEqualTo(blob.lastAccessMillis() / 1000);
        assertThat(same.accountedBytes()).isEqualTo(blob.accountedBytes());
      }
      for (int i = 0; i < 8; i++) {
        store(cache, bytes(100 + i, 1_000_000));
      }
      for (MemoryBlob hot : blobs.subList(0, 3)) {
        assertThat(isThere(cache, hot.hash())).as("hot").isTrue();
      }
    }
  }

  private static CachedBlob known(Map<Hash, CachedBlob> all, Hash hash) {
    return Objects.requireNonNull(all.get(hash));
  }

  private static Map<Hash, CachedBlob> all(BlobCache cache) {
    Map<Hash, CachedBlob> all = new HashMap<>();
    cache.forEach(blob -> all.put(blob.hash(), blob));
    return all;
  }

  @Test
  void manyRangesOfOnePlayerAreOneAccess() throws Exception {
    try (BlobCache cache = BlobCache.open(state, options(16 * MIB))) {
      MemoryBlob blob = store(cache, bytes(1, 1000));
      pass(60);
      for (int i = 0; i < 100; i++) {
        found(cache, blob.hash()).close();
      }
      assertThat(known(all(cache), blob.hash()).accesses()).isEqualTo(2);
      for (int i = 0; i < 300; i++) {
        pass(11);
        found(cache, blob.hash()).close();
      }
      assertThat(known(all(cache), blob.hash()).accesses()).isEqualTo(CacheLimits.ACCESSES);
    }
  }

  @Test
  void whatIsReadIsNotEvicted() throws Exception {
    try (BlobCache cache = BlobCache.open(state, options(8 * MIB))) {
      MemoryBlob held = store(cache, bytes(1, 2_000_000));
      try (BlobReader reader = found(cache, held.hash())) {
        for (int i = 0; i < 30; i++) {
          pass(60);
          store(cache, bytes(100 + i, 1_500_000));
        }
        assertThat(CacheSamples.verify(held.hash(), reader)).isEqualTo(2_000_000);
        Hash large = Hash.of(new byte[Hash.LENGTH]);
        int blobs = cache.stats().completeBlobs();
        assertThat(cache.begin(large, 7 * MIB, Purpose.REQUEST))
            .isEqualTo(new Opening.NotKept(Opening.Reason.NO_ROOM));
        assertThat(cache.stats().completeBlobs()).as("nothing evicted in vain").isEqualTo(blobs);
      }
    }
  }

  @Test
  void oneWriterForMany() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(1, 500_000));
    try (BlobCache cache = BlobCache.open(state, options(16 * MIB));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Opening>> asked = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        asked.add(
            threads.submit(() -> cache.begin(blob.hash(), blob.sizeBytes(), Purpose.REQUEST)));
      }
      List<PartialBlob> writers = new ArrayList<>();
      for (Future<Opening> one : asked) {
        if (one.get() instanceof Opening.Writer writer) {
          writers.add(writer.blob());
        } else {
          assertThat(one.get()).isEqualTo(new Opening.Busy());
        }
      }
      assertThat(writers).hasSize(1);
      writers.getFirst().close();
    }
  }

  @Test
  void aSecondRequestCountsForADay() throws Exception {
    CacheOptions options = new CacheOptions(16 * MIB, 0, () -> now, 25, 1);
    Opening first = new Opening.NotKept(Opening.Reason.SECOND_REQUEST_NEEDED);
    MemoryBlob blob = MemoryBlob.of(bytes(1, 500_000));
    try (BlobCache cache = BlobCache.open(state, options)) {
      assertThat(cache.begin(blob.hash(), 500_000, Purpose.REQUEST)).isEqualTo(first);
      now = now.plus(Duration.ofHours(25));
      assertThat(cache.begin(blob.hash(), 500_000, Purpose.REQUEST)).isEqualTo(first);
      now = now.plus(Duration.ofHours(23));
      writer(cache, blob).close();
    }
    boundedGhosts();
  }

  @Test
  void aFirstRequestIsRememberedOverARestart() throws Exception {
    CacheOptions options = new CacheOptions(16 * MIB, 0, () -> now, 25, 1);
    Opening first = new Opening.NotKept(Opening.Reason.SECOND_REQUEST_NEEDED);
    MemoryBlob blob = MemoryBlob.of(bytes(1, 500_000));
    MemoryBlob late = MemoryBlob.of(bytes(2, 500_000));
    Path file = state.resolve("cache/ghosts");
    try (BlobCache cache = BlobCache.open(state, options)) {
      assertThat(cache.begin(blob.hash(), 500_000, Purpose.REQUEST)).isEqualTo(first);
      cache.tick();
      assertThat(file).hasSize(40);
      assertThat(cache.begin(late.hash(), 500_000, Purpose.REQUEST)).isEqualTo(first);
      pass(60);
    }
    assertThat(file).hasSize(80);
    byte[] rows = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(rows, 50));
    try (BlobCache cache = BlobCache.open(state, options)) {
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
      writer(cache, blob).close();
      assertThat(cache.begin(late.hash(), 500_000, Purpose.REQUEST))
          .as("its row was cut off")
          .isEqualTo(first);
      cache.tick();
      assertThat(cache.stats().usedBytes()).isEqualTo(diskUse(state.resolve("cache")));
    }
  }

  private static void boundedGhosts() {
    GhostList ghosts = new GhostList(100, 1000);
    for (int i = 0; i < 10_000; i++) {
      byte[] name = new byte[Hash.LENGTH];
      name[0] = (byte) i;
      name[1] = (byte) (i >> 8);
      assertThat(ghosts.isSecond(Hash.of(name), i)).isFalse();
    }
    assertThat(ghosts.size()).isEqualTo(100);
  }
}
