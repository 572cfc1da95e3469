package org.veilor.seed.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.catalogue.Names;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.node.announce.AnnouncedProviders;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.Preset;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.download.BlobKeeper;
import org.veilor.seed.node.download.DownloadSettings;
import org.veilor.seed.node.download.Downloader;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.node.membership.BlobAudiences;
import org.veilor.seed.node.membership.BlobSources;
import org.veilor.seed.node.membership.Groups;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.StoreOptions;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.PartialBlob;
import org.veilor.seed.store.cache.Purpose;
import org.veilor.seed.store.cache.Removal;

/** In which order the gateway looks for a path. */
final class NodeContentTest {
  private static final byte[] SEEDED = {1, 2, 3};
  private static final Hash ABSENT = Blake3Hasher.hash(new byte[] {4});

  @TempDir Path temp;
  private Path folder;
  private BlobStore store;
  private BlobCache cache;
  private Downloader downloader;
  private NodeContent content;
  private final FakeCatalogue catalogue = new FakeCatalogue();
  private final AnnouncedProviders announced = new AnnouncedProviders();
  private final List<Hash> asked = new CopyOnWriteArrayList<>();
  private final Map<Hash, String> denied = new ConcurrentHashMap<>();

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectories(temp.resolve("files"));
    store = BlobStore.open(temp.resolve("state"), StoreOptions.defaults());
    cache = BlobCache.open(temp.resolve("state"), CacheOptions.of(1 << 20, 0));
    Groups groups = Groups.open(temp.resolve("state"), List::of, System::currentTimeMillis);
    KnownProviders providers =
        new KnownProviders(
            store,
            SecretKey.of(new byte[SecretKey.LENGTH]).id(),
            () -> Config.defaults().cache(),
            denied::get,
            announced,
            new BlobSources(groups, new BlobAudiences(store, groups)));
    downloader =
        new Downloader(
            addr -> CompletableFuture.failedFuture(new IOException("nobody is dialled here")),
            providers,
            BlobKeeper.of(cache),
            DownloadSettings.defaults());
    Path file = Files.write(folder.resolve("a.png"), SEEDED);
    assertThat(store.importFile("media", file)).isNotNull();
    catalogue.listed.put("renamed.png", Blake3Hasher.hash(SEEDED));
    catalogue.listed.put("elsewhere.png", ABSENT);
    ServiceSettings service =
        new ServiceSettings(
            "media",
            "",
            Preset.MEDIA,
            folder,
            Exposure.PUBLIC,
            Names.HIDDEN,
            URI.create("http://127.0.0.1:3000/base"),
            Quantities.UNLIMITED);
    content =
        new NodeContent(
            store,
            cache,
            downloader,
            providers,
            catalogue,
            hash -> {
              asked.add(hash);
              return CompletableFuture.completedFuture(null);
            },
            () -> List.of(service));
  }

  @Test
  void whatNobodyIsKnownToHaveIsAskedForOnce() {
    assertThat(content.blob(ABSENT, true).toCompletableFuture().join())
        .isEqualTo(new Found.Missing());
    assertThat(asked).containsExactly(ABSENT);
    announceAbsent();
    assertThat(content.blob(ABSENT, true).toCompletableFuture().join())
        .isEqualTo(new Found.Elsewhere(ABSENT, -1));
    assertThat(asked).hasSize(1);
  }

  private void announceAbsent() {
    EndpointAddr other = EndpointAddr.of(SecretKey.of(Blake3Hasher.hash(SEEDED).toBytes()).id());
    announced.put(
        other,
        List.of(ABSENT),
        new ServiceKey.Public(new ServiceName("realm", "media")),
        System.currentTimeMillis());
  }

  /** A HEAD gets the size that the origin signed, and nobody is asked for anything. */
  @Test
  void theSizeOfWhatIsOnlyListedIsKnown() {
    catalogue.sizes.put(ABSENT, 12_345L);
    Found known = new Found.Elsewhere(ABSENT, 12_345);
    announceAbsent();
    assertThat(content.path("media", "elsewhere.png", true).toCompletableFuture().join())
        .isEqualTo(known);
    assertThat(asked).isEmpty();
    assertThat(downloader.running()).isEmpty();
  }

  @Test
  void whatIsDeniedIsNotGiven() {
    Hash hash = Blake3Hasher.hash(SEEDED);
    denied.put(hash, "the operator denied it");
    assertThat(path("media", "a.png")).isEqualTo(new Found.Denied("the operator denied it"));
    assertThat(content.blob(hash, false).toCompletableFuture().join())
        .isEqualTo(new Found.Denied("the operator denied it"));
    assertThat(downloader.get(hash, List.of(), Purpose.PIN).done().toCompletableFuture())
        .isCompletedExceptionally();
  }

  /** What came into the cache just now is at hand, until it is denied or removed. */
  @Test
  void whatWasUsedLatelyIsAtHand() throws Exception {
    byte[] bytes = {5, 6, 7};
    Hash hash = Blake3Hasher.hash(bytes);
    assertThat(content.atHand(hash)).isNull();
    keep(bytes);
    Found found = Objects.requireNonNull(content.atHand(hash));
    assertThat(found).isInstanceOf(Found.OpenFile.class);
    denied.put(hash, "the operator denied it");
    assertThat(content.atHand(hash)).as("denied").isNull();
    denied.clear();
    assertThat(cache.remove(hash, Removal.EVICTED)).isTrue();
    assertThat(content.atHand(hash)).as("removed").isNull();
    found.release();
    assertThat(cache.stats().leases()).isZero();
    assertThat(content.atHand(Blake3Hasher.hash(SEEDED))).as("seeded, not cached").isNull();
  }

  private void keep(byte[] bytes) throws IOException {
    Opening opening = cache.begin(Blake3Hasher.hash(bytes), bytes.length, Purpose.PIN);
    try (PartialBlob writer = ((Opening.Writer) opening).blob()) {
      writer.write(0, ByteBuffer.wrap(bytes));
      writer.commit();
    }
  }

  @AfterEach
  void close() {
    downloader.close();
    cache.close();
    store.close();
  }

  private Found path(String service, String path) {
    return content.path(service, path, false).toCompletableFuture().join();
  }

  private static void assertReads(Found found) throws IOException {
    assertThat(found).isInstanceOf(Found.Reader.class);
    try (var reader = ((Found.Reader) found).reader()) {
      byte[] bytes = new byte[SEEDED.length];
      assertThat(reader.readData(0, bytes, 0, bytes.length)).isEqualTo(bytes.length);
      assertThat(bytes).isEqualTo(SEEDED);
    }
  }

  @Test
  void theFolderThenTheCatalogueThenTheServiceItself() throws Exception {
    assertReads(path("media", "a.png"));
    assertReads(path("media", "files/a.png"));
    assertReads(path("media", "renamed.png"));
    // Listed, but nobody is known to have it.
    assertThat(path("media", "elsewhere.png"))
        .isEqualTo(new Found.Upstream(URI.create("http://127.0.0.1:3000/base/elsewhere.png")));
    assertThat(path("media", "none é.png"))
        .isEqualTo(new Found.Upstream(URI.create("http://127.0.0.1:3000/base/none%20%C3%A9.png")));
    assertThat(path("other", "a.png")).isInstanceOf(Found.UnknownService.class);
  }
}
