package org.veilor.seed.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients of the gateway at once, large blobs, and clients and providers that take their time.
 * {@code -Dveilor.gateway.whole=true} has all 500 clients of one blob read all of it.
 */
final class GatewayCrowdTest {
  private static final int CLIENTS = 500;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path temporary = Path.of("");

  /** A client with a socket of its own that reads an answer as far as it is told. */
  private static final class Client implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;
    private final String head;

    /** Asks, and reads the head of the answer. */
    Client(Gateway gateway, String path) throws IOException {
      socket.setReceiveBufferSize(64 << 10);
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket.connect(
          new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
      send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
      in = socket.getInputStream();
      var bytes = new ByteArrayOutputStream();
      while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("no head: " + bytes.toString(StandardCharsets.ISO_8859_1));
        }
        bytes.write(next);
      }
      head = bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads so many bytes and compares them with those of the file from there on. */
    void expect(byte[] file, int from, int count) throws IOException {
      byte[] piece = new byte[64 << 10];
      for (int at = from; at < from + count; ) {
        int read = in.readNBytes(piece, 0, Math.min(piece.length, from + count - at));
        assertThat(read).as("the answer ends at byte " + at).isPositive();
        assertThat(Arrays.mismatch(piece, 0, read, file, at, at + read)).isEqualTo(-1);
        at += read;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Runs one task for each client at once, and fails with the first that fails. */
  private static void all(int count, IndexedTask task) throws Exception {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        tasks.add(
            threads.submit(() -> {
              task.run(index);
              return null;
            }));
      }
      for (Future<?> each : tasks) {
        each.get();
      }
    }
  }

  private interface IndexedTask {
    void run(int index) throws Exception;
  }

  @Test
  void fiveHundredClientsOfOneBlobCauseOneDownload() throws Exception {
    Path blob = TestFiles.random(temporary.resolve("blob"), 100 << 20, 1);
    byte[] expected = Files.readAllBytes(blob);
    boolean whole = Boolean.getBoolean("veilor.gateway.whole");
    try (Swarm swarm = Swarm.of(blob).honest().start();
        Gateway gateway = Gateway.in(temporary).peers(swarm).jvm("-Xmx256m").start()) {
      CountDownLatch asked = new CountDownLatch(CLIENTS);
      all(
          CLIENTS,
          index -> {
            try (Client client = new Client(gateway, "/blobs/" + swarm.hash())) {
              assertThat(client.head).startsWith("HTTP/1.1 200 ");
              asked.countDown();
              asked.await();
              client.expect(expected, 0, whole || index % 25 == 0 ? expected.length : 1 << 20);
            }
          });
      assertThat(gateway.downloads()).isEqualTo(1);
      assertThat(swarm.stats(0).path("bytes_sent").asLong())
          .as("the provider gave it once")
          .isLessThan(expected.length * 11L / 10);
      assertThat(gateway.daemon().child().isAlive()).isTrue();
    }
  }

  @Test
  void fiveHundredClientsOfDifferentBlobsFitIntoMemory() throws Exception {
    Path[] blobs = new Path[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
      blobs[i] = TestFiles.random(temporary.resolve("blobs/" + i), 300_000 + 1000 * i, 1000 + i);
    }
    try (Swarm swarm = Swarm.of(blobs).honest().start();
        Gateway gateway = Gateway.in(temporary).peers(swarm).jvm("-Xmx256m").start()) {
      all(
          CLIENTS,
          index -> {
            String hash = swarm.peer(0).item(index).path("hash").asText();
            byte[] expected = Files.readAllBytes(blobs[index]);
            try (Client client = new Client(gateway, "/blobs/" + hash)) {
              assertThat(client.head).startsWith("HTTP/1.1 200 ");
              client.expect(expected, 0, expected.length);
            }
          });
      assertThat(gateway.downloads()).isEqualTo(CLIENTS);
      assertThat(gateway.daemon().child().isAlive()).isTrue();
      assertThat(gateway.daemon().child().stderr()).doesNotContain("OutOfMemoryError");
    }
  }

  /** The whole heap of this daemon is what the stream may take, and it holds all else too. */
  @Test
  void aStreamOfOneGibibyteFitsIntoSixtyFourMebibytesOfHeap() throws Exception {
    long size = 1L << 30;
    Path blob = TestFiles.sparse(temporary.resolve("large"), size, 3);
    Path out = temporary.resolve("out");
    try (Swarm swarm = Swarm.of(blob).honest().start();
        Gateway gateway =
            Gateway.in(temporary).peers(swarm).jvm("-Xms16m").jvm("-Xmx64m").start()) {
      gateway.curl("-o", out, gateway.blob(swarm.hash()));
      TestFiles.assertSame(blob, out);
      assertThat(gateway.daemon().child().stderr()).doesNotContain("OutOfMemoryError");
      assertThat(gateway.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  /** All that has to wait for a fixed time, side by side. */
  @Test
  void patienceEnds() throws Exception {
    Path one = TestFiles.random(temporary.resolve("trickled"), 3_000_000, 4);
    Path two = TestFiles.random(temporary.resolve("stalled"), 3_000_000, 5);
    Path long1 = TestFiles.sparse(temporary.resolve("long"), 400 << 20, 6);
    Path picture = TestFiles.png(temporary.resolve("media/a.png"), 48 << 20, 7);
    try (Swarm trickle = Swarm.of(one).bad("trickle").start();
        Swarm stall = Swarm.of(two).bad("stall-after", "--after", 0).start();
        Swarm honest = Swarm.of(long1).capped(2_000_000).start();
        Gateway gateway =
            Gateway.in(temporary)
                .peers(trickle)
                .peers(stall)
                .peers(honest)
                .service("media", temporary.resolve("media"), "")
                .start()) {
      byte[] start = new byte[2 << 20];
      try (InputStream in = Files.newInputStream(long1)) {
        assertThat(in.readNBytes(start, 0, start.length)).isEqualTo(start.length);
      }
      gateway.daemon().await("seeded", LIMIT, d -> d.why(picture).path("seeded").asBoolean());
      String local = "/blobs/" + gateway.daemon().hash(picture);
      List<IndexedTask> tasks =
          List.of(
              _ -> tooSlow(gateway.get("/blobs/" + trickle.hash())),
              _ -> tooSlow(gateway.get("/blobs/" + stall.hash())),
              _ -> unfinishedHead(gateway),
              _ -> clientThatTakesNothing(gateway, local),
              _ -> leavers(gateway, honest, start));
      all(tasks.size(), index -> tasks.get(index).run(index));
      assertThat(gateway.metric("veilor_gateway_cut_total{reason=\"slow_client\"}")).isEqualTo(1);
      assertThat(gateway.metric("veilor_gateway_head_timeouts_total")).isEqualTo(1);
    }
  }

  private static void tooSlow(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(504);
    assertThat(answer.body()).asString().contains("\"error\":\"too-slow\"");
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  private static void unfinishedHead(Gateway gateway) {
    assertThat(gateway.raw("GET / HTTP/1.1\r\nHost: x\r\nX: "))
        .startsWith("HTTP/1.1 408 ")
        .contains("\"error\":\"request-timeout\"");
  }

  private static void clientThatTakesNothing(Gateway gateway, String path) throws IOException {
    try (Client client = new Client(gateway, path)) {
      assertThat(client.head).startsWith("HTTP/1.1 200 ");
      Deadline deadline = Deadline.after(LIMIT);
      while (gateway.metric("veilor_gateway_cut_total{reason=\"slow_client\"}") == 0) {
        assertThat(deadline.isOver()).as("cut in time").isFalse();
        Deadline.pause(Duration.ofMillis(200));
      }
      long count = 0;
      byte[] piece = new byte[64 << 10];
      try {
        for (int read = client.in.read(piece); read >= 0; read = client.in.read(piece)) {
          count += read;
        }
        throw new AssertionError("the answer ended as if it were complete, at " + count);
      } catch (SocketException e) {
        assertThat(e).hasMessageContaining("reset");
      }
    }
  }

  /**
   * One of two leaves: the other goes on. The last one leaves: the download ends, but not at once.
   */
  private static void leavers(Gateway gateway, Swarm honest, byte[] start) throws IOException {
    String path = "/blobs/" + honest.hash();
    long left;
    try (Client stays = new Client(gateway, path)) {
      try (Client leaves = new Client(gateway, path)) {
        leaves.expect(start, 0, 100_000);
      }
      stays.expect(start, 0, start.length);
      left = System.nanoTime();
    }
    long running = 1;
    long before = honest.stats(0).path("bytes_sent").asLong();
    boolean wentOn = false;
    while (running > 0) {
      assertThat(System.nanoTime() - left).as("ends").isLessThan(LIMIT.toNanos());
      Deadline.pause(Duration.ofMillis(200));
      wentOn |= honest.stats(0).path("bytes_sent").asLong() > before + 1_000_000;
      running = gateway.metric("veilor_seed_downloads_running");
    }
    assertThat(wentOn).as("it goes on for the time of grace").isTrue();
    assertThat(honest.stats(0).path("bytes_sent").asLong()).isLessThan(300L << 20);
  }
}
