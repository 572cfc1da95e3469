package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.gateway.GatewayContent.Found;

/** What is at hand is answered on the event loop, the same way and with nothing left open. */
final class GatewayAtHandTest {
  @TempDir Path folder;
  private TestGateway gateway;
  private final AtomicInteger files = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    gateway = new TestGateway();
  }

  @AfterEach
  void stop() throws Exception {
    TestGateway.await("all leases are given back", () -> gateway.content.leases.get() == 0);
    gateway.close();
  }

  /** Puts a file at hand; its address. */
  private String atHand(byte[] data) throws IOException {
    Hash hash = TestGateway.hash(data);
    Path file = TestGateway.write(folder, "file" + files.incrementAndGet(), data);
    gateway.content.atHand.put(hash, () -> open(file, data.length, hash));
    return "/blobs/" + hash;
  }

  private Found open(Path file, int sizeBytes, Hash hash) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      gateway.content.leases.incrementAndGet();
      return new Found.OpenFile(channel, sizeBytes, hash, null, () -> close(channel));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void close(FileChannel channel) {
    try {
      assertThat(channel.isOpen()).as("released twice").isTrue();
      channel.close();
      gateway.content.leases.decrementAndGet();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 32 << 10, (32 << 10) + 1, 3_000_000})
  void everySizeComesWithoutAskingAnyWorker(int length) throws Exception {
    byte[] data = TestGateway.bytes(length, length);
    String blob = atHand(data);
    for (int i = 0; i < 3; i++) {
      HttpResponse<byte[]> response = gateway.get(blob);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(data);
    }
    HttpResponse<byte[]> head = gateway.head(blob);
    assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(length);
    String etag = head.headers().firstValue("ETag").orElseThrow();
    assertThat(gateway.get(blob, "If-None-Match", etag).statusCode()).isEqualTo(304);
    assertThat(gateway.get(blob, "If-Match", "\"x\"").statusCode()).isEqualTo(412);
    assertThat(gateway.get(blob, "Range", "bytes=" + length + "-").statusCode()).isEqualTo(416);
    if (length > 1) {
      HttpResponse<byte[]> part = gateway.get(blob, "Range", "bytes=1-");
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).hasSize(length - 1).endsWith(data[length - 1]);
      HttpResponse<byte[]> parts = gateway.get(blob, "Range", "bytes=0-0,-1");
      assertThat(parts.statusCode()).isEqualTo(206);
      assertThat(parts.headers().firstValue("Content-Type").orElseThrow()).startsWith("multipart/");
    }
    assertThat(gateway.content.asked).hasValue(0);
  }

  @Test
  void http2ComesWithoutAskingAnyWorker() throws Exception {
    byte[] data = TestGateway.bytes(1, 200_000);
    String blob = atHand(data);
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      for (int i = 0; i < 20; i++) {
        HttpResponse<byte[]> response = gateway.request(client, "GET", blob);
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.body()).isEqualTo(data);
        assertThat(gateway.request(client, "HEAD", blob).statusCode()).isEqualTo(200);
      }
    }
    assertThat(gateway.content.asked).hasValue(0);
  }

  /** Answered within the call that reads them, so that each must not be a deeper call. */
  @Test
  void aLongRowOfRequestsIsAnsweredInOrder() throws Exception {
    byte[] small = TestGateway.bytes(2, 100);
    byte[] large = TestGateway.bytes(3, 50_000);
    String row = get(atHand(small)) + get(atHand(large)) + get("/nothing");
    int rows = 400;
    try (Socket socket = gateway.connect()) {
      OutputStream out = socket.getOutputStream();
      Thread writer = Thread.ofVirtual().start(() -> write(out, row.repeat(rows)));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < rows; i++) {
        assertThat(TestGateway.readHead(in)).contains("Content-Length: 100\r\n");
        assertThat(in.readNBytes(small.length)).isEqualTo(small);
        assertThat(TestGateway.readHead(in)).contains("Content-Length: 50000\r\n");
        assertThat(in.readNBytes(large.length)).isEqualTo(large);
        String none = TestGateway.readHead(in);
        assertThat(none).startsWith("HTTP/1.1 404 ");
        in.skipNBytes(Long.parseLong(none.replaceAll("(?s).*Content-Length: (\\d+).*", "$1")));
      }
      writer.join();
    }
    assertThat(gateway.content.asked).hasValue(0);
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private static void write(OutputStream out, String text) {
    try {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileThatIsTooShortIsNotSent() throws Exception {
    byte[] data = TestGateway.bytes(4, 100_000);
    Hash hash = TestGateway.hash(data);
    Path file = TestGateway.write(folder, "short", new byte[99_999]);
    gateway.content.atHand.put(hash, () -> open(file, data.length, hash));
    assertThat(gateway.get("/blobs/" + hash).statusCode()).isEqualTo(502);
  }

  @Test
  void aMistakeIsAnsweredAndTheConnectionGoesOn() throws Exception {
    byte[] data = TestGateway.bytes(5, 100);
    String blob = atHand(data);
    Hash wrong = TestGateway.hash(new byte[] {1});
    gateway.content.atHand.put(
        wrong,
        () -> {
          throw new IllegalStateException("a mistake, as this test wants it");
        });
    assertThat(gateway.get("/blobs/" + wrong).statusCode()).isEqualTo(500);
    assertThat(gateway.get(blob).body()).isEqualTo(data);
  }
}
