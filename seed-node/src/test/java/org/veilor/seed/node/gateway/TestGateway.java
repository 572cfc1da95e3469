package org.veilor.seed.node.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.config.Config.GatewayAddress;

/** A gateway on loopback, and clients for it. */
final class TestGateway implements AutoCloseable, GatewayPages {
  static final GatewaySettings.Timeouts SHORT =
      new GatewaySettings.Timeouts(
          Duration.ofMillis(600),
          Duration.ofMillis(600),
          Duration.ofMillis(600),
          Duration.ofMillis(600),
          Duration.ofMillis(600));

  final FakeContent content = new FakeContent();
  final GatewayServer server;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  volatile @Nullable String notReady;

  TestGateway(GatewaySettings.Timeouts timeouts, int connections, int requests) throws IOException {
    server =
        GatewayServer.start(
            new GatewaySettings(
                new GatewayAddress.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                connections,
                requests,
                timeouts),
            content,
            this);
  }

  TestGateway() throws IOException {
    this(GatewaySettings.Timeouts.DEFAULT, 1024, 2048);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  HttpResponse<byte[]> get(String path, String... fields) throws Exception {
    return request(client, "GET", path, fields);
  }

  HttpResponse<byte[]> head(String path, String... fields) throws Exception {
    return request(client, "HEAD", path, fields);
  }

  HttpResponse<byte[]> request(HttpClient with, String method, String path, String... fields)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (fields.length > 0) {
      request.headers(fields);
    }
    return with.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Sends text and reads until the gateway closes. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(answer);
      } catch (SocketException e) {
        answer.writeBytes(" (reset)".getBytes(StandardCharsets.US_ASCII));
      }
      return answer.toString(StandardCharsets.ISO_8859_1);
    }
  }

  /** Reads one head, up to and including its empty line. */
  static String readHead(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("\r\n\r\n")) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("ended after: " + text);
      }
      text.append((char) c);
    }
    return text.toString();
  }

  static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Hash hash(byte[] bytes) {
    return MemoryBlob.of(bytes).hash();
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never happened: " + what);
      }
      Thread.sleep(5);
    }
  }

  String figures() {
    PrometheusText text = new PrometheusText();
    server.metrics(text);
    return text.toString();
  }

  @Override
  public StatusView status() {
    return new StatusView(
        "veilor-seed",
        "It <works>.",
        List.of(new Section("Cache", List.of(new Row("a&b", "'1'")))));
  }

  @Override
  public void metrics(PrometheusText text) {
    text.gauge("veilor_test", "A figure of the \"node\"\nin two lines", 1.5, "kind", "a\"b\\c\n");
  }

  @Override
  public @Nullable String notReady() {
    return notReady;
  }

  /** Names in the order of their UTF-8, as a hostile origin chooses them. */
  static final List<String> NAMES =
      List.of(
          "\" onmouseover=\"alert(1)",
          "50%41.png",
          "<script>alert(1)</script>",
          "a'b?c#d&e.png",
          "http:/",
          "javascript:alert(1)",
          "z\u202egnp.exe",
          "\u65e5\u672c.png",
          "\ud83c\udf08/");

  @Override
  public Listing list(String service, String folder, String after, int limit) {
    return switch (service + "/" + folder) {
      case "media/", "media/a b" -> {
        int from = NAMES.indexOf(after) + 1;
        int to = after.isEmpty() ? NAMES.size() - 2 : NAMES.size();
        List<Entry> entries = new ArrayList<>();
        for (String name : NAMES.subList(from, to)) {
          entries.add(name.endsWith("/") ? new Folder(name) : new File(name, 5, "ab".repeat(32)));
        }
        yield new Listing.Names(entries, to < NAMES.size());
      }
      case "long/" -> {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < limit; i++) {
          entries.add(new File(1000 + i + "'".repeat(2044), 5, "ab".repeat(32)));
        }
        yield new Listing.Names(entries, false);
      }
      case "media/none" -> new Listing.NoFolder();
      case "busy/" -> new Listing.Busy();
      case "broken/" -> new Listing.Unreadable("page 7 is gone");
      case "secret/" -> new Listing.Hidden();
      default -> new Listing.Unknown();
    };
  }

  @Override
  public void close() throws IOException {
    client.shutdownNow();
    server.close();
  }

  static Path write(Path folder, String name, byte[] bytes) throws IOException {
    return java.nio.file.Files.write(folder.resolve(name), bytes);
  }
}
