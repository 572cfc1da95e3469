package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * curl and aria2c ask our gateway for blobs that only a Rust provider has; every byte is compared.
 */
final class GatewayClientsTest {
  private static final int SMALL_BLOBS = 13;
  private static final int SMALL_BYTES = 3_000_001;
  private static final int LARGE_BYTES = 24 << 20;

  /** The provider's rate, so that a download still runs while the ranges of it are asked for. */
  private static final int BYTES_PER_SECOND = 12 << 20;

  @TempDir private static Path shared = Path.of("");
  private static final List<Path> BLOBS = new ArrayList<>();
  private static Swarm swarm;
  private static Gateway gateway;
  private static int next;

  private Path blob = Path.of("");
  private String hash = "";
  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void start() {
    for (int i = 0; i < SMALL_BLOBS; i++) {
      BLOBS.add(TestFiles.random(shared.resolve("blobs/" + i), SMALL_BYTES, 100 + i));
    }
    BLOBS.add(TestFiles.random(shared.resolve("blobs/large"), LARGE_BYTES, 99));
    swarm = Swarm.of(BLOBS.toArray(Path[]::new)).capped(BYTES_PER_SECOND).start();
    Path seeded = shared.resolve("media");
    TestFiles.png(seeded.resolve("a picture.png"), 50_000, 7);
    gateway = Gateway.in(shared).peers(swarm).service("media", seeded, "").start();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(gateway).close();
    Objects.requireNonNull(swarm).close();
  }

  /** Each test has a blob that nobody has asked for yet. */
  @BeforeEach
  void choose() {
    take(next);
    next++;
  }

  private void take(int index) {
    blob = BLOBS.get(index);
    hash = swarm.peer(0).item(index).path("hash").asText();
  }

  private Path out() {
    return temporary.resolve("out");
  }

  private String headers() throws IOException {
    return Files.readString(temporary.resolve("headers")).toLowerCase(Locale.ROOT);
  }

  /** All that are known say that they do not have it. */
  @Test
  void whatNobodyHasIsNotFound() {
    assertThat(gateway.get("/blobs/" + "5".repeat(64)).statusCode()).isEqualTo(404);
  }

  private void fetch(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("-o", out(), "-D", temporary.resolve("headers")));
    all.addAll(List.of(arguments));
    all.add(gateway.blob(hash));
    gateway.curl(all.toArray());
  }

  private byte[] bytes(int from, int until) throws IOException {
    return Arrays.copyOfRange(Files.readAllBytes(blob), from, until);
  }

  @Test
  void curlGetsWhatIsNotHere() throws IOException {
    fetch();
    TestFiles.assertSame(blob, out());
    assertThat(headers())
        .startsWith("http/1.1 200 ok")
        .contains("etag: \"" + hash + "\"", "accept-ranges: bytes")
        .contains("content-length: " + SMALL_BYTES, "immutable", "x-content-type-options: nosniff")
        .contains("content-security-policy: default-src 'none'; sandbox");
    fetch();
    TestFiles.assertSame(blob, out());
    assertThat(gateway.metric("veilor_gateway_body_bytes_total{source=\"local\"}"))
        .as("the second time from the cache")
        .isGreaterThanOrEqualTo(SMALL_BYTES);
  }

  @Test
  void aHeadStartsNoDownload() throws IOException {
    long before = gateway.downloads();
    fetch("--head");
    assertThat(headers()).startsWith("http/1.1 200 ok").contains("etag: \"" + hash + "\"");
    assertThat(headers()).as("nobody has proved the size").doesNotContain("content-length");
    assertThat(gateway.downloads()).isEqualTo(before);
    fetch();
    fetch("--head");
    assertThat(headers()).contains("content-length: " + SMALL_BYTES);
    assertThat(gateway.downloads()).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @CsvSource({"100-199, 100, 200", "-1000, 2999001, 3000001", "2900000-, 2900000, 3000001"})
  void curlGetsARange(String range, int from, int until) throws IOException {
    fetch("-r", range);
    assertThat(headers())
        .startsWith("http/1.1 206 partial content")
        .contains("content-range: bytes %d-%d/%d".formatted(from, until - 1, SMALL_BYTES));
    assertThat(Files.readAllBytes(out())).isEqualTo(bytes(from, until));
  }

  @Test
  void curlGetsSeveralRanges() throws IOException {
    fetch("-r", "0-9,1500000-1500099,-7");
    String type = headers().lines().filter(l -> l.startsWith("content-type: ")).findFirst().get();
    String boundary = type.substring(type.indexOf("boundary=") + 9);
    int[][] wanted = {{0, 10}, {1_500_000, 1_500_100}, {SMALL_BYTES - 7, SMALL_BYTES}};
    StringBuilder expected = new StringBuilder();
    for (int[] part : wanted) {
      expected
          .append("\r\n--%s\r\nContent-Type: application/octet-stream\r\n".formatted(boundary))
          .append("Content-Range: bytes %d-%d/%d".formatted(part[0], part[1] - 1, SMALL_BYTES))
          .append("\r\n\r\n")
          .append(new String(bytes(part[0], part[1]), StandardCharsets.ISO_8859_1));
    }
    expected.append("\r\n--").append(boundary).append("--\r\n");
    assertThat(Files.readString(out(), StandardCharsets.ISO_8859_1)).isEqualTo(expected.toString());
  }

  @Test
  void curlGoesOnWhereItStopped() throws IOException {
    Files.write(out(), bytes(0, 1_000_000));
    fetch("-C", "-");
    assertThat(headers()).contains("content-range: bytes 1000000-3000000/3000001");
    TestFiles.assertSame(blob, out());
  }

  @Test
  void conditionsHold() throws IOException {
    long before = gateway.downloads();
    fetch("-H", "If-None-Match: \"" + hash + "\"");
    assertThat(headers()).startsWith("http/1.1 304");
    assertThat(gateway.downloads()).as("who has the bytes causes no download").isEqualTo(before);
    fetch("-r", "10-19", "-H", "If-Range: \"" + hash + "\"");
    assertThat(headers()).startsWith("http/1.1 206");
    assertThat(Files.readAllBytes(out())).isEqualTo(bytes(10, 20));
    fetch("-r", "10-19", "-H", "If-Range: \"another\"");
    assertThat(headers()).startsWith("http/1.1 200");
    TestFiles.assertSame(blob, out());
    fetch("-H", "If-None-Match: W/\"x\", \"" + hash + "\"");
    assertThat(headers()).startsWith("http/1.1 304");
    fetch("-H", "If-Match: \"another\"");
    assertThat(headers()).startsWith("http/1.1 412");
  }

  @Test
  void curlSpeaksHttp2() throws IOException {
    // One transfer each: two of them over one such connection fail in curl 7.88.1, with nginx too.
    fetch("--http2-prior-knowledge", "-r", "5-");
    assertThat(headers()).startsWith("http/2 206");
    assertThat(Files.readAllBytes(out())).isEqualTo(bytes(5, SMALL_BYTES));
    fetch("--http2");
    assertThat(headers()).startsWith("http/1.1 101").contains("http/2 200");
    TestFiles.assertSame(blob, out());
  }

  /** Eight connections that each ask for their parts of one blob: one download. */
  @Test
  void aria2GetsWhatIsNotHereOverEightConnections() {
    take(SMALL_BLOBS);
    long before = gateway.downloads();
    long parts = gateway.metric("veilor_gateway_answers_total{route=\"blobs\",status=\"206\"}");
    gateway
        .run(
            "aria2c",
            "--no-conf",
            "--console-log-level=warn",
            "-x8",
            "-s8",
            "-k1M",
            "--file-allocation=none",
            "-d",
            temporary,
            "-o",
            "out",
            gateway.blob(hash))
        .expectExit(0);
    TestFiles.assertSame(blob, out());
    assertThat(gateway.metric("veilor_gateway_answers_total{route=\"blobs\",status=\"206\"}"))
        .isGreaterThanOrEqualTo(parts + 7);
    assertThat(gateway.downloads()).isEqualTo(before + 1);
  }

  @Test
  void theFileOfAServiceHasTypeAndDigest() throws IOException, NoSuchAlgorithmException {
    Path file = shared.resolve("media/a picture.png");
    gateway
        .daemon()
        .await("seeded", Duration.ofSeconds(30), d -> d.why(file).path("seeded").asBoolean());
    String sha256 =
        Base64.getEncoder()
            .encodeToString(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    Path answer = temporary.resolve("answer");
    gateway.curl("-o", out(), "-D", answer, gateway.uri("/s/media/a%20picture.png"));
    TestFiles.assertSame(file, out());
    assertThat(Files.readString(answer))
        .contains("Content-Type: image/png\r\n")
        .contains("Repr-Digest: sha-256=:" + sha256 + ":\r\n")
        .contains("ETag: \"" + gateway.daemon().hash(file) + "\"\r\n")
        .doesNotContain("immutable");
  }
}
