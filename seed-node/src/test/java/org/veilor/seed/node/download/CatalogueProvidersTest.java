package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.catalogue.BlobSource;
import org.veilor.seed.node.catalogue.DownloadedBlobs;
import org.veilor.seed.node.download.FakeSwarm.Fault;
import org.veilor.seed.node.download.FakeSwarm.Node;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;

/** Blobs of a catalogue when its origin does not give them. */
@Timeout(300)
class CatalogueProvidersTest {
  private static final ServiceKey SERVICE =
      new ServiceKey.Public(new ServiceName("x.veilor", "media"));
  private static final int SIZE = 40_000;

  @TempDir Path state = Path.of("");

  private final FakeSwarm swarm = new FakeSwarm();
  private final AnnouncedProviders announced = new AnnouncedProviders();
  private final AtomicInteger questions = new AtomicInteger();
  private final MemoryBlob page;

  CatalogueProvidersTest() {
    byte[] bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    page = MemoryBlob.of(bytes);
  }

  private List<Provider> known(Hash hash) {
    return announced.find(hash, 1_000).stream().map(Provider::of).toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"REFUSES", "LIES", "STALLS", "DENIES", "RESETS", "HUGE_SIZE"})
  void whoeverElseHasItIsAsked(Fault fault) throws Exception {
    Node origin = swarm.node(1);
    origin.add(page);
    origin.fault = fault;
    Node member = swarm.node(2);
    member.add(page);
    try (BlobCache cache = BlobCache.open(state, CacheOptions.of(1L << 30, 0));
        Downloader downloader =
            new Downloader(
                swarm,
                this::known,
                BlobKeeper.of(cache),
                DownloadSettings.defaults()
                    .withTimes(SECONDS.toNanos(10), MILLISECONDS.toNanos(100)))) {
      DownloadedBlobs source =
          new DownloadedBlobs(
              downloader,
              cache,
              this::known,
              announced,
              hash -> {
                questions.incrementAndGet();
                announced.put(member.addr, List.of(hash), SERVICE, 1_000);
                return CompletableFuture.completedFuture(hash);
              },
              () -> 1_000);
      BlobSource.Session session = source.of(SERVICE, page.hash(), origin.addr);
      assertThat(session.fetch(page.hash(), SIZE)).hasSize(SIZE);
      assertThat(questions).hasValueGreaterThan(0);
      assertThat(member.requests).hasValueGreaterThan(0);
      assertThatThrownBy(() -> session.fetch(page.hash(), SIZE - 1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("more than");
    }
  }
}
