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
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.bao.OutboardBuilder;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.store.cache.Purpose;

/**
 * A server with {@code FILE.obao4} beside {@code FILE}: bytes are verified and used as they come.
 */
@Timeout(30)
class RemoteBlobTest {
  private static final int SIZE = 6_000_000;

  private final byte[] bytes = new byte[SIZE];
  private final byte[] pairs = Outboard.allocate(SIZE);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger bodyBytes = new AtomicInteger();
  private final AtomicInteger wholes = new AtomicInteger();
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private final MemoryBlob blob;
  private final ServerSocket server;
  private final HttpOrigin origin;
  private final Path folder;
  private byte[] served = bytes;
  private byte[] outboard = pairs;
  private int stopsAtByte = Integer.MAX_VALUE;

  RemoteBlobTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    new Random(5).nextBytes(bytes);
    blob = MemoryBlob.of(bytes);
    OutboardBuilder builder =
        new OutboardBuilder(SubtreeEngine.preferred(), SIZE, Outboard.into(pairs));
    builder.update(bytes, 0, SIZE);
    assertThat(builder.finish()).isInstanceOf(OutboardBuilder.Result.Built.class);
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    origin =
        new HttpOrigin(
            folder,
            new HttpOrigin.Limits(10_000_000, Duration.ofSeconds(20), Duration.ofSeconds(25)));
  }

  @BeforeEach
  void start() {
    threads.execute(() -> {
      try {
        while (!server.isClosed()) {
          Socket socket = server.accept();
          threads.execute(() -> serveSafely(socket));
        }
      } catch (IOException e) {
        assertThat(server.isClosed()).isTrue();
      }
    });
  }

  @AfterEach
  void stop() throws IOException {
    mayGoOn.countDown();
    origin.close();
    server.close();
    threads.shutdownNow();
  }

  private void serveSafely(Socket socket) {
    try (socket) {
      serve(socket);
    } catch (IOException e) {
      assertThat(bodyBytes.get()).isNotNegative(); // the client has gone
    }
  }

  private void serve(Socket socket) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    String request = String.valueOf(in.readLine());
    String range = null;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      range = line.startsWith("Range: bytes=") ? line.substring(13) : range;
    }
    OutputStream out = socket.getOutputStream();
    if (request.startsWith("GET /file.obao4 ")) {
      head(out, "200 OK", outboard.length, "");
      out.write(outboard);
    } else if (request.startsWith("HEAD /file ")) {
      head(out, "200 OK", served.length, "");
    } else if (range == null) {
      wholes.incrementAndGet();
      head(out, "200 OK", served.length, "");
      out.write(served);
    } else {
      int dash = range.indexOf('-');
      int until = Integer.parseInt(range.substring(dash + 1)) + 1;
      part(out, Integer.parseInt(range.substring(0, dash)), until);
    }
    out.flush();
  }

  private void part(OutputStream out, int from, int until) throws IOException {
    String range = "Content-Range: bytes " + from + "-" + (until - 1) + "/" + SIZE + "\r\n";
    head(out, "206 Partial Content", until - from, range);
    int first = Math.clamp(stopsAtByte - (long) from, 0, until - from);
    out.write(served, from, first);
    out.flush();
    bodyBytes.addAndGet(first);
    // The last chunk, which proves the size, is always there.
    if (first < until - from && until - from > 100_000) {
      awaitQuietly();
    }
    out.write(served, from + first, until - from - first);
    bodyBytes.addAndGet(until - from - first);
  }

  private static void head(OutputStream out, String status, int length, String more)
      throws IOException {
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nConnection: close\r\nAccept-Ranges: bytes\r\n"
            + more
            + "Content-Length: "
            + length
            + "\r\n\r\n";
    out.write(head.getBytes(ISO_8859_1));
  }

  private void awaitQuietly() {
    try {
      mayGoOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Downloader downloader() {
    return new Downloader(
        new FakeSwarm(),
        BlobProviders.NONE,
        new MemoryKeeper(),
        DownloadSettings.defaults().withTimes(SECONDS.toNanos(20), MILLISECONDS.toNanos(100)),
        origin);
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
  void theFirstBytesAreReadBeforeTheLastWereSent() throws Exception {
    stopsAtByte = 200_000;
    try (Downloader downloader = downloader()) {
      Download download = downloader.get(blob.hash(), List.of(), List.of(uri()), Purpose.REQUEST);
      byte[] all = new byte[SIZE];
      try (DownloadReader reader = download.reader(0, Long.MAX_VALUE)) {
        int count = 0;
        while (count < 100_000) {
          count += reader.read(all, count, 100_000 - count);
        }
        assertThat(bodyBytes.get()).isLessThan(SIZE);
        mayGoOn.countDown();
        for (int n = 0; n >= 0; n = reader.read(all, count, SIZE - count)) {
          count += n;
          if (count == SIZE) {
            break;
          }
        }
      }
      assertThat(all).isEqualTo(bytes);
      assertThat(downloader.counters().get("download_origin_bytes"))
          .isBetween(6_000_000L, 9_000_000L);
    }
    assertThat(wholes).hasValue(0);
    assertThat(files()).isEmpty();
  }

  @Test
  void anOutboardOfSomethingElseIsLeftAsideAndTheBlobTakenAsAWhole() throws Exception {
    outboard = pairs.clone();
    outboard[3] ^= 1;
    try (Downloader downloader = downloader()) {
      downloader
          .get(blob.hash(), List.of(), List.of(uri()), Purpose.PIN)
          .done()
          .toCompletableFuture()
          .get(20, SECONDS);
    }
    assertThat(wholes).hasValue(1);
  }

  @Test
  void wrongBytesBehindARightOutboardAreSeenByNobody() {
    served = bytes.clone();
    served[3_000_000] ^= 1;
    try (Downloader downloader = downloader()) {
      Download download = downloader.get(blob.hash(), List.of(), List.of(uri()), Purpose.PIN);
      assertThatThrownBy(() -> download.done().toCompletableFuture().get(25, SECONDS))
          .hasCauseInstanceOf(DownloadException.class);
    }
  }
}
