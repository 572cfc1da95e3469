package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.FakeSwarm.Node;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.Purpose;

/** Downloads into the real cache. */
@Timeout(60)
class CachedDownloadTest {
  private static final int SIZE = 5_000_003;

  @TempDir Path state;

  private final FakeSwarm swarm = new FakeSwarm();
  private final byte[] bytes = new byte[SIZE];
  private final MemoryBlob blob;
  private final Node node;

  CachedDownloadTest() {
    new Random(1).nextBytes(bytes);
    blob = MemoryBlob.of(bytes);
    node = swarm.node(1);
    node.add(blob);
  }

  private Downloader downloader(BlobCache cache) {
    return new Downloader(
        swarm,
        BlobProviders.NONE,
        BlobKeeper.of(cache),
        DownloadSettings.defaults().withTimes(SECONDS.toNanos(10), MILLISECONDS.toNanos(100)));
  }

  private BlobCache cache() throws Exception {
    return BlobCache.open(state, CacheOptions.of(1L << 30, 0));
  }

  private static byte[] read(BlobReader reader, int size) throws IOException {
    byte[] all = new byte[size];
    int have = 0;
    while (have < size) {
      int count = reader.readData(have, all, have, size - have);
      assertThat(count).isPositive();
      have += count;
    }
    return all;
  }

  private byte[] complete(BlobCache cache, Hash hash) throws IOException {
    assertThat(cache.open(hash)).isInstanceOf(BlobLookup.Found.class);
    try (BlobReader reader = ((BlobLookup.Found) cache.open(hash)).reader()) {
      assertThat(reader.presentChunks().isAll()).isTrue();
      return read(reader, SIZE);
    }
  }

  @Test
  void theCacheHasItAfterwards() throws Exception {
    try (BlobCache cache = cache();
        Downloader downloader = downloader(cache)) {
      Download download = downloader.get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
      byte[] head = new byte[SIZE];
      try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
        int have = 0;
        for (int count = 0; count >= 0; count = reader.read(head, have, SIZE - have)) {
          have += count;
          if (have == SIZE) {
            break;
          }
        }
        download.done().toCompletableFuture().get(20, SECONDS);
      }
      assertThat(head).isEqualTo(bytes);
      assertThat(complete(cache, blob.hash())).isEqualTo(bytes);
      try (DownloadReader late = download.reader(1_000_000, 1_000_100)) {
        byte[] part = new byte[100];
        assertThat(late.read(part, 0, 100)).isEqualTo(100);
        assertThat(part[99]).isEqualTo(bytes[1_000_099]);
      }
    }
  }

  @Test
  void aNodeThatIsStoppedGoesOnAfterwards() throws Exception {
    node.bytesPerSecond = 5_000_000;
    try (BlobCache cache = cache();
        Downloader downloader = downloader(cache)) {
      Download download = downloader.get(blob.hash(), List.of(node.provider()), Purpose.PIN);
      try (DownloadReader reader = download.reader(2_000_000, Long.MAX_VALUE)) {
        byte[] some = new byte[1_000_000];
        assertThat(reader.read(some, 0, some.length)).isPositive();
        while (download.progress().presentBytes() < 1_000_000) {
          CompletableFuture<Void> later = new CompletableFuture<>();
          later.completeOnTimeout(null, 10, MILLISECONDS).join();
        }
      }
    }
    long before = node.sentBytes.getAndSet(0);
    node.bytesPerSecond = Long.MAX_VALUE;
    try (BlobCache cache = cache();
        Downloader downloader = downloader(cache)) {
      Download download = downloader.get(blob.hash(), List.of(node.provider()), Purpose.PIN);
      download.done().toCompletableFuture().get(20, SECONDS);
      assertThat(complete(cache, blob.hash())).isEqualTo(bytes);
    }
    assertThat(before).isGreaterThanOrEqualTo(1_000_000);
    assertThat(node.sentBytes.get()).isLessThan(SIZE - before + 1_500_000);
  }
}
