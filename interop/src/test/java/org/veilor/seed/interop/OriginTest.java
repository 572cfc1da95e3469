package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no peer gives comes from an HTTP origin, and only if it is what the hash says. */
final class OriginTest {
  private static final int SIZE = 3_000_000;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger lies = new AtomicInteger();
  private @Nullable HttpServer liar;

  private Daemon origin(Path file) {
    Daemon origin = Daemon.on(folder.resolve("origin")).shortLived().gateway("127.0.0.1:0").start();
    var _ = origin.cli("add", file);
    return origin;
  }

  private Daemon node(String... origins) throws IOException {
    Path config = folder.resolve("node.toml");
    Files.writeString(
        config,
        List.of(origins).stream()
            .map(each -> '"' + each + '"')
            .collect(Collectors.joining(", ", "[cache]\norigins = [", "]\n")));
    return Daemon.on(folder.resolve("node"))
        .shortLived()
        .argument("--config")
        .argument(config)
        .gateway("127.0.0.1:0")
        .start();
  }

  /** A server with as many bytes as it should have, and one of them wrong. */
  private String liar(byte[] content) throws IOException {
    byte[] wrong = content.clone();
    wrong[SIZE / 2] ^= 1;
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          lies.incrementAndGet();
          exchange.sendResponseHeaders(200, wrong.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(wrong);
          }
        });
    server.start();
    liar = server;
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/blobs";
  }

  @AfterEach
  void stop() {
    HttpServer server = liar;
    if (server != null) {
      server.stop(0);
    }
  }

  private HttpResponse<byte[]> get(Daemon daemon, String hash) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(daemon.gateway() + "/blobs/" + hash)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void anHonestOriginFillsTheCacheAfterALyingOneWasFoundOut() throws Exception {
    Path file = TestFiles.random(folder.resolve("film.bin"), SIZE, 7);
    byte[] content = Files.readAllBytes(file);
    String hash;
    try (Daemon origin = origin(file);
        Daemon node = node(liar(content), origin.gateway() + "/blobs")) {
      hash = origin.hash(file);
      HttpResponse<byte[]> answer = get(node, hash);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(content);
      assertThat(lies).hasPositiveValue();
      node.await(
          "the blob is in the cache",
          Duration.ofSeconds(30),
          each -> each.why(hash).path("state").asText().equals("cached"));
      origin.kill();
      assertThat(get(node, hash).body()).isEqualTo(content);
    }
  }

  @Test
  void aLyingOriginAloneGivesNothing() throws Exception {
    Path file = TestFiles.random(folder.resolve("film.bin"), SIZE, 8);
    String hash =
        Cli.run(folder, Duration.ofSeconds(60), "hash", file)
            .expectExit(0)
            .stdout()
            .getFirst()
            .substring(0, 64);
    try (Daemon node = node(liar(Files.readAllBytes(file)))) {
      HttpResponse<byte[]> answer = get(node, hash);
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("the hash is wrong");
      assertThat(lies).as("HEAD and GET, and no more").hasValueLessThanOrEqualTo(2);
      assertThat(node.why(hash).path("state").asText()).isEqualTo("known");
      assertThat(node.status().path("cache").path("blobs").asInt()).isZero();
    }
  }

  @Test
  void aMirrorNeedsNoPeerAndNoDaemon() throws Exception {
    Path file = TestFiles.random(folder.resolve("film.bin"), SIZE, 9);
    byte[] content = Files.readAllBytes(file);
    try (Daemon origin = origin(file)) {
      String hash = origin.hash(file);
      Path target = folder.resolve("mirror/film.bin");
      String lie = liar(content);
      Child.Finished refused = get(hash, target, lie);
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.stderr()).contains("the hash is wrong");
      assertThat(target).doesNotExist();
      String url = origin.gateway() + "/blobs/" + hash;
      var _ = get(hash, target, lie, url).expectExit(0);
      assertThat(target).hasBinaryContent(content);
      assertThat(target.resolveSibling("." + hash + ".veilor-part")).doesNotExist();
    }
  }

  private Child.Finished get(String hash, Path target, String... origins) {
    List<Object> arguments = new ArrayList<>(List.of("get", hash, "-o", target));
    for (String origin : origins) {
      arguments.addAll(List.of("--origin", origin));
    }
    arguments.addAll(List.of("--state", folder.resolve("none")));
    return Cli.run(folder, Duration.ofMinutes(2), arguments.toArray());
  }
}
