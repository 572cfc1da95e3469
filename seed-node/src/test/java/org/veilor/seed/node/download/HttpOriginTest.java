package org.veilor.seed.node.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.node.download.FakeSwarm.Fault;
import org.veilor.seed.node.download.FakeSwarm.Node;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CacheFullException;
import org.veilor.seed.store.cache.CacheOptions;
import org.veilor.seed.store.cache.Purpose;

@Timeout(30)
class HttpOriginTest {
  private final byte[] bytes = new byte[1_500_000];
  private final MemoryBlob blob;
  private final List<List<String>> requests = new CopyOnWriteArrayList<>();
  private final Path folder;
  private final ServerSocket server;
  private final HttpOrigin origin;
  private int status = 200;
  private byte[] content;
  private int breaksAfterBytes = Integer.MAX_VALUE;
  private boolean silent;

  HttpOriginTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    new Random(3).nextBytes(bytes);
    blob = MemoryBlob.of(bytes);
    content = bytes;
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    origin =
        new HttpOrigin(
            folder,
            new HttpOrigin.Limits(2_000_000, Duration.ofSeconds(1), Duration.ofSeconds(10)));
  }

  @BeforeEach
  void start() {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (!server.isClosed()) {
              Socket socket = server.accept();
              Thread.ofVirtual().start(() -> serveSafely(socket));
            }
          } catch (IOException e) {
            assertThat(server.isClosed()).isTrue();
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    origin.close();
    server.close();
  }

  private void serveSafely(Socket socket) {
    try {
      serve(socket);
    } catch (IOException e) {
      assertThat(socket.isClosed()).isTrue(); // the client has gone
    }
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      List<String> head = new ArrayList<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        head.add(line);
      }
      requests.add(head);
      int from = 0;
      for (String line : head) {
        if (line.startsWith("Range: bytes=")) {
          from = Integer.parseInt(line.substring(13, line.length() - 1));
        }
      }
      OutputStream out = socket.getOutputStream();
      String range =
          from == 0 ? "" : "Content-Range: bytes " + from + "-" + (content.length - 1) + "/1\r\n";
      String answer =
          "HTTP/1.1 "
              + (from == 0 ? status : 206)
              + " X\r\nConnection: close\r\nETag: \"a\"\r\n"
              + range
              + "Content-Length: "
              + (content.length - from)
              + "\r\n\r\n";
      out.write(answer.getBytes(ISO_8859_1));
      int count = Math.min(content.length - from, breaksAfterBytes);
      out.write(content, from, count);
      out.flush();
      if (silent) {
        in.read();
      }
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/file");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    }
  }

  @Test
  void fetchesAndVerifies() throws Exception {
    try (SpooledBlob spooled = origin.fetch(uri(), blob.hash())) {
      byte[] all = new byte[bytes.length];
      assertThat(spooled.readData(0, all, 0, all.length)).isEqualTo(all.length);
      assertThat(all).isEqualTo(bytes);
      assertThat(spooled.sizeBytes()).isEqualTo(bytes.length);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void goesOnWhereTheAnswerBroke() throws Exception {
    breaksAfterBytes = 600_000;
    origin.fetch(uri(), blob.hash()).close();

    // The client may drop the last bytes before the break, which are then asked for once more.
    assertThat(requests).hasSizeGreaterThanOrEqualTo(3);
    for (List<String> again : requests.subList(1, requests.size())) {
      assertThat(again).contains("If-Range: \"a\"").anyMatch(line -> line.startsWith("Range: "));
    }
  }

  @Test
  void refusesWhatIsNotTheBlob() throws Exception {
    content = bytes.clone();
    content[700_000] ^= 1;
    assertRefused("has something else under this name");
    content = new byte[2_000_001];
    assertRefused("at most 2000000 are taken");
    status = 404;
    assertRefused("answered 404");
    assertThatThrownBy(() -> origin.fetch(URI.create("file:///etc/passwd"), blob.hash()))
        .hasMessageContaining("neither http nor https");
    assertThat(files()).isEmpty();
  }

  private void assertRefused(String part) {
    assertThatThrownBy(() -> origin.fetch(uri(), blob.hash()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(part);
  }

  @Test
  void givesUpASilentServer() throws Exception {
    silent = true;
    breaksAfterBytes = 0;
    assertRefused("broke off at byte 0");
    assertThat(requests).hasSize(2); // and no more: neither brought a byte
    assertThat(files()).isEmpty();
  }

  /** The file counts against the budget of the cache from its first byte to its last. */
  @Test
  void whatIsSpooledCounts() throws Exception {
    try (BlobCache cache = BlobCache.open(folder.resolve("big"), CacheOptions.of(10_000_000, 0));
        HttpOrigin counted = counted(cache)) {
      long before = cache.stats().usedBytes();
      SpooledBlob spooled = counted.fetch(uri(), blob.hash());
      assertThat(cache.stats().usedBytes() - before).isBetween(1_500_000L, 1_600_000L);
      spooled.close();
      assertThat(cache.stats().usedBytes()).isEqualTo(before);
      content = bytes.clone();
      content[0] ^= 1;
      assertThatThrownBy(() -> counted.fetch(uri(), blob.hash()))
          .hasMessageContaining("has something else");
      assertThat(cache.stats().usedBytes()).isEqualTo(before);
    }
    content = bytes;
    try (BlobCache cache = BlobCache.open(folder.resolve("small"), CacheOptions.of(1_000_000, 0));
        HttpOrigin counted = counted(cache)) {
      long before = cache.stats().usedBytes();
      assertThatThrownBy(() -> counted.fetch(uri(), blob.hash()))
          .isInstanceOf(CacheFullException.class)
          .hasMessageContaining("no room");
      assertThat(cache.stats().usedBytes()).isEqualTo(before);
    }
  }

  private HttpOrigin counted(BlobCache cache) {
    return new HttpOrigin(
        folder,
        new HttpOrigin.Limits(2_000_000, Duration.ofSeconds(20), Duration.ofSeconds(40)),
        cache::reserveTemporary);
  }

  @Test
  void isAskedWhenNoPeerGivesTheBlob() throws Exception {
    FakeSwarm swarm = new FakeSwarm();
    Node liar = swarm.node(1);
    liar.add(blob);
    liar.fault = Fault.LIES;
    liar.faultAfterBytes = 500_000;
    MemoryKeeper keeper = new MemoryKeeper();
    try (Downloader downloader =
        new Downloader(
            swarm,
            BlobProviders.NONE,
            keeper,
            DownloadSettings.defaults().withTimes(SECONDS.toNanos(10), MILLISECONDS.toNanos(100)),
            origin)) {
      Download download =
          downloader.get(blob.hash(), List.of(liar.provider()), List.of(uri()), Purpose.PIN);
      download.done().toCompletableFuture().get(20, SECONDS);

      assertThat(keeper.kept(blob.hash()).data).isEqualTo(bytes);
      assertThat(downloader.counters()).containsEntry("download_origin_bytes", 1_500_000L);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void isNotAskedWhenAPeerGivesTheBlob() throws Exception {
    FakeSwarm swarm = new FakeSwarm();
    Node good = swarm.node(1);
    good.add(blob);
    good.rttMillis = 50;
    MemoryKeeper keeper = new MemoryKeeper();
    try (Downloader downloader =
        new Downloader(swarm, BlobProviders.NONE, keeper, DownloadSettings.defaults(), origin)) {
      Download download =
          downloader.get(blob.hash(), List.of(good.provider()), List.of(uri()), Purpose.PIN);
      download.done().toCompletableFuture().get(20, SECONDS);
    }
    assertThat(requests).isEmpty();
  }
}
