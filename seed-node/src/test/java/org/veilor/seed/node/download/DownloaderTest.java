package org.veilor.seed.node.download;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.FakeSwarm.Fault;
import org.veilor.seed.node.download.FakeSwarm.Node;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.Purpose;

@Timeout(60)
class DownloaderTest {
  private final FakeSwarm swarm = new FakeSwarm();
  private final MemoryKeeper keeper = new MemoryKeeper();
  private DownloadSettings settings =
      DownloadSettings.defaults().withTimes(SECONDS.toNanos(10), MILLISECONDS.toNanos(200));
  private final List<Downloader> open = new ArrayList<>();

  private Downloader downloader() {
    Downloader downloader = new Downloader(swarm, BlobProviders.NONE, keeper, settings);
    open.add(downloader);
    return downloader;
  }

  @AfterEach
  void close() {
    open.forEach(Downloader::close);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] readAll(DownloadReader reader) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[50_000];
    for (int count = reader.read(buffer, 0, buffer.length);
        count >= 0;
        count = reader.read(buffer, 0, buffer.length)) {
      all.write(buffer, 0, count);
    }
    return all.toByteArray();
  }

  private Node holder(int number, MemoryBlob blob) {
    Node node = swarm.node(number);
    node.rttMillis = 2;
    node.add(blob);
    return node;
  }

  private static void await(Download download) throws Exception {
    download.done().toCompletableFuture().get(30, SECONDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1024, 1025, 16_384, 16_385, 100_000, 1_048_576, 5_000_001})
  void oneProvider(int size) throws Exception {
    byte[] bytes = bytes(size);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    Download download = downloader().get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);

    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
    await(download);
    assertThat(download.size().toCompletableFuture().join()).isEqualTo(size);
    if (size > 0) {
      assertThat(keeper.kept(blob.hash()).committed).isTrue();
      assertThat(keeper.kept(blob.hash()).closed).isTrue();
    }
  }

  @Test
  void fourProvidersShareTheWork() throws Exception {
    byte[] bytes = bytes(8_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    List<Provider> providers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Node node = holder(i + 1, blob);
      node.bytesPerSecond = 8_000_000;
      providers.add(node.provider());
    }
    Downloader downloader = downloader();
    Download download = downloader.get(blob.hash(), providers, Purpose.PIN);
    await(download);

    assertThat(keeper.kept(blob.hash()).data).isEqualTo(bytes);
    long sent = swarm.nodes.values().stream().mapToLong(node -> node.sentBytes.get()).sum();
    // Late ranges are asked for twice, on a slow machine many; each giving all would be 32 MB.
    assertThat(sent).isLessThan(20_000_000);
    for (Node node : swarm.nodes.values()) {
      assertThat(node.sentBytes.get()).isGreaterThan(500_000);
      assertThat(node.mostOpen.get()).isLessThanOrEqualTo(PlanLimits.MAX_REQUESTS + 1);
    }
    assertThat(downloader.scores()).hasSize(4).allMatch(score -> score.bytes() > 0);
    assertThat(downloader.counters()).containsEntry("downloads_completed", 1L);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void oneHonestProviderIsEnough(Fault fault) throws Exception {
    byte[] bytes = bytes(3_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    List<Provider> providers = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      Node bad = holder(i, blob);
      bad.fault = fault;
      bad.faultAfterBytes = i * 200_000L;
      providers.add(bad.provider());
    }
    Node good = holder(9, blob);
    good.rttMillis = 20;
    good.bytesPerSecond = 10_000_000;
    providers.add(good.provider());
    Download download = downloader().get(blob.hash(), providers, Purpose.REQUEST);

    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
    await(download);
  }

  @Test
  void eachHoldsAnotherPart() throws Exception {
    byte[] bytes = bytes(4_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    List<Provider> providers = new ArrayList<>();
    long chunks = new BaoTree(bytes.length).chunks();
    for (int i = 0; i < 4; i++) {
      long from = chunks * i / 4 / 16 * 16;
      long until = i == 3 ? chunks : chunks * (i + 1) / 4 / 16 * 16;
      Node node = swarm.node(i + 1);
      node.rttMillis = 3;
      node.blobs.put(blob.hash(), blob.withPresentChunks(ChunkRanges.range(from, until)));
      providers.add(node.provider());
    }
    Download download = downloader().get(blob.hash(), providers, Purpose.PIN);
    await(download);

    assertThat(keeper.kept(blob.hash()).data).isEqualTo(bytes);
  }

  @Test
  void manyReadersCauseOneDownload() throws Exception {
    byte[] bytes = bytes(2_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    Downloader downloader = downloader();
    List<CompletableFuture<byte[]>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int from = i * 5000;
      CompletableFuture<byte[]> result = new CompletableFuture<>();
      all.add(result);
      Thread.ofVirtual()
          .start(() -> {
            Download download =
                downloader.get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
            try (DownloadReader reader = download.reader(from, from + 500_000)) {
              result.complete(readAll(reader));
            } catch (IOException e) {
              result.completeExceptionally(e);
            }
          });
    }
    for (int i = 0; i < all.size(); i++) {
      byte[] expected =
          Arrays.copyOfRange(bytes, i * 5000, Math.min(i * 5000 + 500_000, 2_000_000));
      assertThat(all.get(i).get(30, SECONDS)).isEqualTo(expected);
    }
    assertThat(node.connects.get()).isEqualTo(1);
    assertThat(downloader.counters().get("downloads_started")).isEqualTo(1);
  }

  @Test
  void whatIsNotKeptIsHeldBackByASlowReader() throws Exception {
    keeper.notKept = Opening.Reason.TOO_LARGE;
    settings = settings.withWindow(1 << 20);
    byte[] bytes = bytes(20_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    Download download = downloader().get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);

    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      byte[] buffer = new byte[10];
      assertThat(reader.read(buffer, 0, 10)).isEqualTo(10);
      Thread.sleep(500);
      assertThat(node.sentBytes.get()).isLessThan(3_000_000);
      assertThat(Arrays.copyOf(bytes, 10)).isEqualTo(buffer);
      assertThat(readAll(reader)).isEqualTo(Arrays.copyOfRange(bytes, 10, bytes.length));
    }
    await(download);
    assertThat(download.progress().kept()).isFalse();
    assertThat(node.sentBytes.get()).isLessThan(23_000_000);
  }

  /** As the gateway asks: for the size first, which drops what nobody reads yet. */
  @ParameterizedTest
  @ValueSource(ints = {16_385, 100_000, 700_000, 5_000_001})
  void aReaderThatComesAfterTheSizeOfABlobThatIsNotKept(int size) throws Exception {
    keeper.notKept = Opening.Reason.SECOND_REQUEST_NEEDED;
    byte[] bytes = bytes(size);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Download download =
        downloader().get(blob.hash(), List.of(holder(1, blob).provider()), Purpose.REQUEST);
    download.size().toCompletableFuture().get(30, SECONDS);
    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
  }

  @Test
  void theSecondRequestOfABlobThatWasNotKeptAsksTheCacheAgain() throws Exception {
    settings = settings.withTimes(SECONDS.toNanos(10), SECONDS.toNanos(300));
    keeper.notKept = Opening.Reason.SECOND_REQUEST_NEEDED;
    byte[] bytes = bytes(300_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Downloader downloader = downloader();
    Node node = holder(1, blob);
    Download first = downloader.get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
    try (DownloadReader reader = first.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
    await(first);
    keeper.notKept = null;
    await(downloader.get(blob.hash(), List.of(node.provider()), Purpose.REQUEST));
    assertThat(keeper.kept(blob.hash()).data).isEqualTo(bytes);
  }

  @Test
  void twoReadersFarApartOfABlobThatIsNotKept() throws Exception {
    keeper.notKept = Opening.Reason.NO_ROOM;
    settings = settings.withWindow(1 << 20);
    byte[] bytes = bytes(10_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    Download download = downloader().get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
    CompletableFuture<byte[]> second = new CompletableFuture<>();
    DownloadReader late = download.reader(6_000_000, 9_000_000);
    Thread.ofVirtual()
        .start(() -> {
          try (late) {
            second.complete(readAll(late));
          } catch (IOException e) {
            second.completeExceptionally(e);
          }
        });
    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
    assertThat(second.get(10, SECONDS)).isEqualTo(Arrays.copyOfRange(bytes, 6_000_000, 9_000_000));
  }

  @Test
  void aBrokenDiskInTheMiddleDoesNotStopTheReader() throws Exception {
    keeper.failsAfterBytes = 2_000_000;
    byte[] bytes = bytes(6_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    node.bytesPerSecond = 20_000_000;
    Download download = downloader().get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);

    try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
      assertThat(readAll(reader)).isEqualTo(bytes);
    }
    await(download);
    assertThat(keeper.kept(blob.hash()).committed).isFalse();
  }

  @Test
  void aSecondTryGoesOnWhereTheFirstEnded() throws Exception {
    byte[] bytes = bytes(6_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    node.bytesPerSecond = 2_000_000;
    Downloader downloader = downloader();
    Download first = downloader.get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
    try (DownloadReader reader = first.reader(0, 3_000_000)) {
      readAll(reader);
    }
    assertThatThrownBy(() -> await(first))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("nobody waits for it any more");
    assertThat(downloader.running(blob.hash())).isNull();
    Thread.sleep(100);
    long before = node.sentBytes.getAndSet(0);
    assertThat(before).isBetween(3_000_000L, 5_800_000L);
    node.bytesPerSecond = Long.MAX_VALUE;

    await(downloader.get(blob.hash(), List.of(node.provider()), Purpose.PIN));
    assertThat(keeper.kept(blob.hash()).data).isEqualTo(bytes);
    assertThat(node.sentBytes.get()).isLessThan(5_000_000);
  }

  @Test
  void failuresSayWhatEachProviderDid() throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(500_000));
    Downloader downloader = downloader();
    assertFailure(
        downloader.get(blob.hash(), List.of(), Purpose.REQUEST),
        DownloadFailure.Kind.NO_PROVIDER,
        "nobody is known");
    Node none = swarm.node(1);
    assertFailure(
        downloader.get(blob.hash(), List.of(none.provider()), Purpose.REQUEST),
        DownloadFailure.Kind.NOT_FOUND,
        none.provider().id() + ": ");
    Node denies = holder(2, blob);
    denies.fault = Fault.DENIES;
    assertFailure(
        downloader.get(blob.hash(), List.of(denies.provider()), Purpose.REQUEST),
        DownloadFailure.Kind.DENIED,
        "refuses to give it to us");
    Node liar = holder(3, blob);
    liar.fault = Fault.LIES;
    liar.faultAfterBytes = 0;
    assertFailure(
        downloader.get(blob.hash(), List.of(liar.provider(), none.provider()), Purpose.REQUEST),
        DownloadFailure.Kind.ALL_FAILED,
        "sent wrong bytes at byte");
    assertThat(downloader.scores()).anyMatch(score -> score.lies() > 0);
  }

  private static void assertFailure(Download download, DownloadFailure.Kind kind, String part)
      throws Exception {
    DownloadReader reader = download.reader(0, 10);
    assertThatThrownBy(() -> reader.read(new byte[10], 0, 10))
        .isInstanceOfSatisfying(
            DownloadException.class, e -> assertThat(e.failure().kind()).isEqualTo(kind))
        .hasMessageContaining(part);
    reader.close();
    assertThatThrownBy(() -> download.size().toCompletableFuture().get(5, SECONDS))
        .hasCauseInstanceOf(DownloadException.class);
  }

  @Test
  void theRateIsLimited() throws Exception {
    settings = settings.withRates(4_000_000, Long.MAX_VALUE);
    byte[] bytes = bytes(12_000_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    long start = System.nanoTime();
    await(downloader().get(blob.hash(), List.of(node.provider()), Purpose.PIN));

    assertThat(System.nanoTime() - start).isGreaterThan(SECONDS.toNanos(1));
  }

  /** A group's rate holds for its downloads together, and for nobody else. */
  @Test
  void theRateOfAGroupIsLimited() throws Exception {
    long bytesPerSecond = 8_000_000;
    settings = settings.withGroupRates(Map.of("slow", bytesPerSecond));
    MemoryBlob free = MemoryBlob.of(bytes(12_000_001));
    Node node = holder(1, free);
    Downloader downloader = downloader();
    List<Download> slow = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < 2; i++) {
      MemoryBlob blob = MemoryBlob.of(bytes(12_000_000 + i));
      node.add(blob);
      slow.add(
          downloader.get(blob.hash(), List.of(node.provider()), List.of(), Purpose.PIN, "slow"));
    }
    await(downloader.get(free.hash(), List.of(node.provider()), List.of(), Purpose.PIN, "unknown"));
    long received = slow.stream().mapToLong(each -> each.progress().presentBytes()).sum();
    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(received).isLessThan(12_000_000 + (long) (bytesPerSecond * seconds));
    for (Download each : slow) {
      await(each);
    }
  }

  /** What providers gave adds up to the blob, its short last chunk and its first group included. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1025, 16_385, 100_000, 1_048_577, 5_000_001})
  void sharesAddUp(int size) throws Exception {
    MemoryBlob blob = MemoryBlob.of(bytes(size));
    List<Provider> providers = List.of(holder(1, blob).provider(), holder(2, blob).provider());
    Download download = downloader().get(blob.hash(), providers, Purpose.PIN);
    await(download);

    assertThat(download.progress().presentBytes()).isEqualTo(size);
    long given = 0;
    for (DownloadProgress.Share share : download.progress().providers()) {
      given += share.bytes();
    }
    assertThat(given).isEqualTo(size);
  }

  @Test
  void twoHundredBlobsAtOnce() throws Exception {
    Node node = swarm.node(1);
    Downloader downloader = downloader();
    List<MemoryBlob> blobs = new ArrayList<>();
    List<Download> downloads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      MemoryBlob blob = MemoryBlob.of(bytes(100_000 + i));
      blobs.add(blob);
      node.add(blob);
    }
    for (MemoryBlob blob : blobs) {
      downloads.add(downloader.get(blob.hash(), List.of(node.provider()), Purpose.PIN));
    }
    for (Download download : downloads) {
      await(download);
    }
    assertThat(keeper.blobs)
        .hasSize(200)
        .allSatisfy((hash, kept) -> assertThat(kept.committed).isTrue());
    assertThat(downloader.running()).isEmpty();
    assertThat(downloader.counters()).containsEntry("download_waiting_bytes", 0L);
  }

  @Test
  void aReaderIsCalledBack() throws Exception {
    byte[] bytes = bytes(300_000);
    MemoryBlob blob = MemoryBlob.of(bytes);
    Node node = holder(1, blob);
    node.rttMillis = 30;
    Download download = downloader().get(blob.hash(), List.of(node.provider()), Purpose.REQUEST);
    try (DownloadReader reader = download.reader(200_000, 300_000)) {
      byte[] buffer = new byte[100_000];
      assertThat(reader.readNow(buffer, 0, buffer.length)).isZero();
      int have = 0;
      while (have < buffer.length) {
        CompletableFuture<Boolean> readable = new CompletableFuture<>();
        reader.onReadable(() -> readable.complete(true));
        readable.get(10, SECONDS);
        have += reader.readNow(buffer, have, buffer.length - have);
      }
      assertThat(buffer).isEqualTo(Arrays.copyOfRange(bytes, 200_000, 300_000));
      assertThat(reader.readNow(buffer, 0, 1)).isEqualTo(-1);
    }
  }

  @Test
  void theEmptyBlobNeedsNobody() throws Exception {
    Download download = downloader().get(Hash.EMPTY_BLOB, List.of(), Purpose.REQUEST);
    await(download);
    assertThat(download.size().toCompletableFuture().join()).isZero();
  }
}
