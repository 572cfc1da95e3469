package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.DownloadFailure.Kind;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/** Answers from downloads that run: what a client sees while bytes arrive, stop, or never come. */
class GatewayStreamingTest {
  @TempDir Path folder;
  private TestGateway gateway;
  private byte[] data;
  private Hash hash;
  private String blob;
  private FakeDownload download;

  @BeforeEach
  void start() throws Exception {
    gateway = new TestGateway();
    data = TestGateway.bytes(5, 20_000_000);
    hash = TestGateway.hash(data);
    blob = "/blobs/" + hash;
    download = new FakeDownload(hash, data);
    offer(gateway);
  }

  private void offer(TestGateway to) {
    to.content.blobs.put(
        hash,
        headOnly -> headOnly ? new Found.Elsewhere(hash, -1) : new Found.Arriving(download, hash));
  }

  @AfterEach
  void stop() throws Exception {
    TestGateway.await("all readers are closed", () -> download.openReaders.get() == 0);
    TestGateway.await("all requests have ended", () -> gateway.server.metrics().running() == 0);
    gateway.close();
  }

  private Socket ask(TestGateway of, String fields) throws Exception {
    Socket socket = of.connect();
    String request = "GET " + blob + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void bytesAreHandedOnAsTheyArrive() throws Exception {
    try (Socket socket = ask(gateway, "")) {
      InputStream in = socket.getInputStream();
      Thread.sleep(50);
      assertThat(in.available()).isZero();
      download.arrive(16_384);
      assertThat(TestGateway.readHead(in))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("Content-Length: 20000000\r\n");
      assertThat(in.readNBytes(16_384)).isEqualTo(Arrays.copyOf(data, 16_384));
      download.arrive(1_000_000);
      assertThat(in.readNBytes(983_616)).isEqualTo(Arrays.copyOfRange(data, 16_384, 1_000_000));
      download.arrive(data.length);
      assertThat(in.readNBytes(19_000_000))
          .isEqualTo(Arrays.copyOfRange(data, 1_000_000, data.length));
    }
    assertThat(download.madeReaders).hasValue(1);
  }

  @Test
  void aRangeIsAskedForFirst() throws Exception {
    download.arrive(data.length);
    HttpResponse<byte[]> response =
        gateway.get(blob, "Range", "bytes=15000000-15000009", "If-Range", "\"" + hash + "\"");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(data, 15_000_000, 15_000_010));
    // its first bytes show what it is
    assertThat(download.starts).containsExactly(15_000_000L, 0L);
    gateway.get(blob, "Range", "bytes=16000000-16000009");
    assertThat(download.starts).containsExactly(15_000_000L, 0L, 16_000_000L);
    HttpResponse<byte[]> several = gateway.get(blob, "Range", "bytes=0-9,100-199,-1");
    assertThat(several.statusCode()).isEqualTo(206);
    assertThat(several.body()).hasSizeGreaterThan(111 + 3 * 100);
    assertThat(gateway.get(blob, "Range", "bytes=20000000-").statusCode()).isEqualTo(416);
  }

  @Test
  void headStartsNothing() throws Exception {
    HttpResponse<byte[]> head = gateway.head(blob);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("ETag")).hasValue("\"" + hash + "\"");
    gateway.content.blobs.put(hash, _ -> new Found.Arriving(download, hash));
    download.size.complete((long) data.length);
    assertThat(gateway.head(blob).headers().firstValueAsLong("Content-Length"))
        .hasValue(data.length);
    assertThat(gateway.get(blob, "If-None-Match", "\"" + hash + "\"").statusCode()).isEqualTo(304);
    assertThat(download.madeReaders).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_PROVIDER, 404",
    "NOT_FOUND, 404",
    "DENIED, 502",
    "ALL_FAILED, 502",
    "TOO_LARGE, 502",
    "TIMEOUT, 504",
    "CANCELLED, 504",
    "OVERLOADED, 503",
    "STORAGE, 500"
  })
  void aFailureBeforeTheFirstByteHasAStatus(Kind kind, int status) throws Exception {
    CompletableFuture<HttpResponse<byte[]>> early =
        CompletableFuture.supplyAsync(() -> unchecked(() -> gateway.get(blob)));
    TestGateway.await("it is asked", () -> gateway.content.asked.get() == 1);
    download.fail(kind);
    HttpResponse<byte[]> response = early.get();
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
    download = new FakeDownload(hash, data);
    offer(gateway);
    CompletableFuture<HttpResponse<byte[]>> late =
        CompletableFuture.supplyAsync(() -> unchecked(() -> gateway.get(blob)));
    download.size.complete((long) data.length); // but no byte
    TestGateway.await("it is read", () -> download.madeReaders.get() == 1);
    download.fail(kind);
    assertThat(late.get().statusCode()).isEqualTo(status);
  }

  private static <T> T unchecked(java.util.concurrent.Callable<T> task) {
    try {
      return task.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureMidwayCutsTheConnection() throws Exception {
    try (Socket socket = ask(gateway, "")) {
      download.arrive(500_000);
      TestGateway.readHead(socket.getInputStream());
      assertThat(socket.getInputStream().readNBytes(500_000)).hasSize(500_000);
      download.fail(Kind.ALL_FAILED);
      int more = -2;
      try {
        more = socket.getInputStream().read();
      } catch (java.net.SocketException e) {
        assertThat(e).hasMessageContaining("reset");
      }
      assertThat(more).isNegative();
    }
    assertThat(gateway.server.metrics().cuts(Cut.FAILED)).isEqualTo(1);
  }

  @Test
  void aFailureMidwayResetsTheStream() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      download.arrive(500_000);
      CompletableFuture<HttpResponse<byte[]>> response =
          CompletableFuture.supplyAsync(
              () -> unchecked(() -> gateway.request(client, "GET", blob)));
      TestGateway.await("it is read", () -> download.readBytes() == 500_000);
      download.fail(Kind.ALL_FAILED);
      assertThat(response)
          .failsWithin(java.time.Duration.ofSeconds(10))
          .withThrowableOfType(java.util.concurrent.ExecutionException.class)
          .withStackTraceContaining("RST_STREAM");
      // the connection lives on
      download = new FakeDownload(hash, data);
      offer(gateway);
      download.arrive(data.length);
      HttpResponse<byte[]> whole = gateway.request(client, "GET", blob);
      assertThat(whole.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(whole.body()).isEqualTo(data);
    }
    assertThat(gateway.figures()).contains("veilor_gateway_connections_total 1\n");
  }

  @Test
  void aSlowReaderHoldsTheDownloadBack() throws Exception {
    download.arrive(data.length);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(32 << 10);
      socket.connect(
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), gateway.server.address().getPort()));
      String request = "GET " + blob + " HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      TestGateway.await("it is read", () -> download.readBytes() > 0);
      long before = -1;
      while (download.readBytes() != before) {
        before = download.readBytes();
        Thread.sleep(200);
      }
      assertThat(before).isLessThan(8_000_000);
      TestGateway.readHead(socket.getInputStream());
      assertThat(socket.getInputStream().readNBytes(data.length)).isEqualTo(data);
    }
  }

  @Test
  void aClientThatLeavesLeavesTheDownload() throws Exception {
    for (int i = 0; i < 3; i++) {
      int number = i + 1;
      Socket socket = ask(gateway, i == 2 ? "Range: bytes=9-\r\n" : "");
      if (i == 0) {
        TestGateway.await("it is asked", () -> gateway.content.asked.get() == 1);
      } else {
        download.arrive(100_000);
        TestGateway.readHead(socket.getInputStream());
      }
      socket.close();
      TestGateway.await("it is noticed", () -> gateway.server.metrics().running() == 0);
      assertThat(gateway.content.asked).hasValue(number);
      TestGateway.await("readers are closed", () -> download.openReaders.get() == 0);
    }
    assertThat(gateway.server.metrics().cuts(Cut.CLIENT_GONE)).isGreaterThanOrEqualTo(2);
  }

  @Test
  void nobodyWaitsForever() throws Exception {
    try (TestGateway hasty = new TestGateway(TestGateway.SHORT, 100, 100)) {
      offer(hasty);
      assertThat(hasty.get(blob).statusCode()).isEqualTo(504);
      hasty.content.late = new CompletableFuture<>();
      assertThat(hasty.get(blob).statusCode()).isEqualTo(504);
      AtomicBoolean released = new AtomicBoolean();
      Path file = TestGateway.write(folder, "f", new byte[5]);
      hasty.content.late.complete(
          new Found.LocalFile(file, 5, hash, null, () -> released.set(true)));
      TestGateway.await("what comes too late is given back", released::get);
      hasty.content.late = null;
      try (Socket socket = ask(hasty, "")) {
        download.arrive(100_000);
        TestGateway.readHead(socket.getInputStream());
        assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
        TestGateway.await("it is cut", () -> hasty.server.metrics().cuts(Cut.STALLED) == 1);
      }
      TestGateway.await("all requests have ended", () -> hasty.server.metrics().running() == 0);
    }
  }

  @Test
  void whoTakesNothingIsCut() throws Exception {
    try (TestGateway hasty = new TestGateway(TestGateway.SHORT, 100, 100)) {
      offer(hasty);
      download.arrive(data.length);
      byte[] large = TestGateway.bytes(6, 20_000_000);
      Hash name = TestGateway.hash(large);
      Path file = TestGateway.write(folder, "large", large);
      hasty.content.blobs.put(name, _ -> hasty.content.file(file, large.length, name, null));
      try (Socket one = ask(hasty, "");
          Socket two = hasty.connect()) {
        String request = "GET /blobs/" + name + " HTTP/1.1\r\nHost: x\r\n\r\n";
        two.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        TestGateway.await(
            "both are cut",
            () ->
                hasty.server.metrics().running() == 0
                    && hasty.server.metrics().cuts(Cut.SLOW_CLIENT) >= 2);
        TestGateway.await("the file is given back", () -> hasty.content.leases.get() == 0);
        assertThat(one.isConnected()).isTrue();
      }
    }
  }

  @Test
  void whatIsBegunIsFinishedWhenTheGatewayDrains() throws Exception {
    try (Socket busy = ask(gateway, "");
        Socket idle = gateway.connect()) {
      idle.getOutputStream()
          .write(
              "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(TestGateway.readHead(idle.getInputStream())).doesNotContain("Connection: close");
      assertThat(idle.getInputStream().readNBytes(3))
          .isEqualTo("ok\n".getBytes(StandardCharsets.US_ASCII));
      download.arrive(100_000);
      TestGateway.readHead(busy.getInputStream());
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Boolean> drained =
            threads.submit(() -> gateway.server.drain(java.time.Duration.ofSeconds(10)));
        assertThat(idle.getInputStream().read()).isEqualTo(-1);
        idle.shutdownOutput();
        assertThat(drained.isDone()).isFalse();
        download.arrive(data.length);
        assertThat(busy.getInputStream().readAllBytes()).isEqualTo(data);
        busy.shutdownOutput();
        assertThat(drained.get()).isTrue();
      }
    }
  }

  @Test
  void fiveHundredClientsOfOneDownload() throws Exception {
    byte[] small = Arrays.copyOf(data, 300_000);
    Hash name = TestGateway.hash(small);
    FakeDownload one = new FakeDownload(name, small);
    gateway.content.blobs.put(name, _ -> new Found.Arriving(one, name));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(
            threads.submit(() -> {
              try (Socket socket = gateway.connect()) {
                String request =
                    "GET /blobs/" + name + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                TestGateway.readHead(socket.getInputStream());
                return socket.getInputStream().readAllBytes();
              }
            }));
      }
      TestGateway.await("all wait", () -> gateway.content.asked.get() == 500);
      one.arrive(100_000);
      one.arrive(small.length);
      for (Future<byte[]> answer : answers) {
        assertThat(answer.get()).isEqualTo(small);
      }
    }
    TestGateway.await("all readers are closed", () -> one.openReaders.get() == 0);
  }
}
