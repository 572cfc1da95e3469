package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.epoll.Epoll;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.config.Config.GatewayAddress;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.store.Sha256;

/** The routes over real sockets: what is here already, pages, and every kind of no. */
class GatewayServerTest {
  private static final byte[] PNG_HEAD = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final String FOREVER = "public, max-age=31536000, immutable";

  @TempDir Path folder;
  private TestGateway gateway;
  private byte[] data;
  private Hash hash;
  private String blob;
  private String etag;

  @BeforeEach
  void start() throws Exception {
    gateway = new TestGateway();
    data = TestGateway.bytes(7, 3_000_000);
    System.arraycopy(PNG_HEAD, 0, data, 0, PNG_HEAD.length);
    hash = TestGateway.hash(data);
    blob = "/blobs/" + hash;
    etag = "\"" + hash + "\"";
    Path file = TestGateway.write(folder, "data", data);
    Sha256 sha256 = Sha256.of(MessageDigest.getInstance("SHA-256").digest(data));
    gateway.content.blobs.put(hash, _ -> gateway.content.file(file, data.length, hash, sha256));
    gateway.content.paths.put(
        "a b/c.png", _ -> gateway.content.file(file, data.length, hash, sha256));
  }

  @AfterEach
  void stop() throws Exception {
    TestGateway.await("all leases are given back", () -> gateway.content.leases.get() == 0);
    gateway.close();
  }

  private static String field(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
    return new ObjectMapper().readTree(response.body());
  }

  @Test
  void sockets() {
    assertThat(Epoll.isAvailable()).as("%s", Epoll.unavailabilityCause()).isTrue();
  }

  @Test
  void aBlobComesWithAllItsFields() throws Exception {
    HttpResponse<byte[]> response = gateway.get(blob);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(data);
    assertThat(field(response, "ETag")).isEqualTo(etag);
    assertThat(field(response, "Accept-Ranges")).isEqualTo("bytes");
    assertThat(field(response, "Content-Type")).isEqualTo("image/png");
    assertThat(field(response, "Content-Length")).isEqualTo("3000000");
    assertThat(field(response, "Cache-Control")).isEqualTo(FOREVER);
    assertThat(field(response, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(field(response, "Content-Security-Policy")).isEqualTo("default-src 'none'; sandbox");
    assertThat(field(response, "Date")).endsWith(" GMT");
    assertThat(field(response, "Content-Disposition")).isEmpty();
    String digest =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(data));
    assertThat(field(response, "Repr-Digest")).isEqualTo("sha-256=:" + digest + ":");
  }

  @Test
  void headHasTheSameFieldsAndNoBytes() throws Exception {
    HttpResponse<byte[]> head = gateway.head(blob, "Range", "bytes=0-1");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(field(head, "Content-Length")).isEqualTo("3000000");
    assertThat(field(head, "ETag")).isEqualTo(etag);
    assertThat(field(head, "Content-Type")).isEqualTo("image/png");
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 0",
    "bytes=0-99, 0, 99",
    "bytes=2999999-, 2999999, 2999999",
    "bytes=-1, 2999999, 2999999",
    "bytes=1000-2000000, 1000, 2000000",
    "'bytes=10-20,15-30', 10, 30"
  })
  void oneRange(String range, int first, int last) throws Exception {
    HttpResponse<byte[]> response = gateway.get(blob, "Range", range);
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(data, first, last + 1));
    assertThat(field(response, "Content-Range"))
        .isEqualTo("bytes " + first + "-" + last + "/3000000");
    assertThat(field(response, "Cache-Control")).isEqualTo(FOREVER);
    assertThat(field(response, "Content-Type")).isEqualTo("image/png");
  }

  @Test
  void severalRangesAreOneMultipart() throws Exception {
    HttpResponse<byte[]> response = gateway.get(blob, "Range", "bytes=5-9,1000000-1999999,-3");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(field(response, "Content-Range")).isEmpty();
    String type = field(response, "Content-Type");
    assertThat(type).matches("multipart/byteranges; boundary=[0-9a-f]{32}");
    assertThat(response.body())
        .isEqualTo(multipart(type, 5, 9, 1_000_000, 1_999_999, 2_999_997, 2_999_999));
  }

  private byte[] multipart(String type, int... bounds) throws Exception {
    String boundary = type.substring(type.indexOf('=') + 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < bounds.length; i += 2) {
      String head =
          "\r\n--%s\r\nContent-Type: image/png\r\nContent-Range: bytes %d-%d/3000000\r\n\r\n"
              .formatted(boundary, bounds[i], bounds[i + 1]);
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(data, bounds[i], bounds[i + 1] - bounds[i] + 1);
    }
    out.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  @Test
  void rangesThatCannotBeServed() throws Exception {
    HttpResponse<byte[]> outside = gateway.get(blob, "Range", "bytes=3000000-");
    assertThat(outside.statusCode()).isEqualTo(416);
    assertThat(field(outside, "Content-Range")).isEqualTo("bytes */3000000");
    assertThat(field(outside, "Cache-Control")).isEqualTo("no-store");
    assertThat(json(outside).get("error").asText()).isEqualTo("range-not-satisfiable");
    String many =
        "bytes=0-0"
            + ",2-2".repeat(1)
            + ",4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18"
            + ",20-20,22-22,24-24,26-26,28-28,30-30,32-32";
    assertThat(gateway.get(blob, "Range", many).statusCode()).isEqualTo(416);
  }

  @Test
  void conditions() throws Exception {
    HttpResponse<byte[]> same = gateway.get(blob, "If-None-Match", etag);
    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(field(same, "ETag")).isEqualTo(etag);
    assertThat(gateway.get(blob, "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
    assertThat(gateway.get(blob, "If-Match", "\"x\"").statusCode()).isEqualTo(412);
    assertThat(gateway.get(blob, "If-Match", etag).statusCode()).isEqualTo(200);
    assertThat(gateway.get(blob, "Range", "bytes=0-1", "If-Range", etag).statusCode())
        .isEqualTo(206);
    assertThat(gateway.get(blob, "Range", "bytes=0-1", "If-Range", "\"x\"").statusCode())
        .isEqualTo(200);
    assertThat(gateway.get("/s/media/a%20b/c.png", "If-None-Match", etag).statusCode())
        .isEqualTo(304);
    assertThat(gateway.get("/s/media/a%20b/c.png", "If-None-Match", "\"x\"").body())
        .isEqualTo(data);
    // the client has it, so that it does not matter who else has
    String elsewhere = "/blobs/" + TestGateway.hash(new byte[] {1});
    assertThat(
            gateway
                .get(elsewhere, "If-None-Match", elsewhere.replace("/blobs/", "\"") + "\"")
                .statusCode())
        .isEqualTo(304);
    assertThat(gateway.get(elsewhere, "If-None-Match", etag).statusCode()).isEqualTo(404);
  }

  @Test
  void aPathIsNoPromiseForever() throws Exception {
    HttpResponse<byte[]> response = gateway.get("/s/media/a%20b/c.png?x=1");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(data);
    assertThat(field(response, "Cache-Control")).isEqualTo("no-cache");
    assertThat(field(response, "ETag")).isEqualTo(etag);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 32_768, 32_769, 100_000})
  void blobsOfEverySizeFromFilesAndReaders(int length) throws Exception {
    byte[] bytes = TestGateway.bytes(length, length);
    MemoryBlob memory = MemoryBlob.of(bytes);
    String path = "/blobs/" + memory.hash();
    Path file = TestGateway.write(folder, "f" + length, bytes);
    gateway.content.blobs.put(
        memory.hash(), _ -> gateway.content.file(file, length, memory.hash(), null));
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> response = gateway.get(path);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(bytes);
      if (length >= 20) {
        assertThat(field(response, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(field(response, "Content-Disposition")).isEqualTo("attachment");
      }
      gateway.content.blobs.put(memory.hash(), _ -> new Found.Reader(memory, memory.hash(), null));
    }
    if (length > 2000) {
      assertThat(gateway.get(path, "Range", "bytes=1000-1999").body())
          .isEqualTo(Arrays.copyOfRange(bytes, 1000, 2000));
      assertThat(gateway.get(path, "Range", "bytes=17000-, 3-4").statusCode()).isEqualTo(206);
    }
  }

  @Test
  void readersAreVerifiedAndWhatIsWrongIsCut() throws Exception {
    byte[] bytes = TestGateway.bytes(3, 200_000);
    Hash name = TestGateway.hash(bytes);
    gateway.content.blobs.put(
        name, _ -> new Found.Reader(new DamagedBlob(MemoryBlob.of(bytes), 150_000), name, null));
    String cut = gateway.raw("GET /blobs/" + name + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(cut).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(cut.length()).isLessThan(150_000);
    byte[] partial = TestGateway.bytes(4, 200_000);
    MemoryBlob half = MemoryBlob.of(partial).withPresentChunks(ChunkRanges.range(0, 96));
    gateway.content.blobs.put(half.hash(), _ -> new Found.Reader(half, half.hash(), null));
    assertThat(gateway.get("/blobs/" + half.hash(), "Range", "bytes=0-98303").body())
        .isEqualTo(Arrays.copyOf(partial, 98_304));
  }

  /** A blob with one wrong byte. */
  private record DamagedBlob(BlobReader blob, long wrongAt) implements BlobReader {
    @Override
    public long sizeBytes() {
      return blob.sizeBytes();
    }

    @Override
    public int readData(long offset, byte[] target, int targetOffset, int length)
        throws IOException {
      int count = blob.readData(offset, target, targetOffset, length);
      if (offset <= wrongAt && wrongAt < offset + count) {
        target[(int) (targetOffset + wrongAt - offset)] ^= 1;
      }
      return count;
    }

    @Override
    public void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException {
      blob.readPair(pairIndex, target, targetOffset);
    }

    @Override
    public void close() {
      blob.close();
    }
  }

  @Test
  void activeContentIsSaved() throws Exception {
    byte[] svg =
        "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".getBytes(StandardCharsets.UTF_8);
    Hash name = TestGateway.hash(svg);
    Path file = TestGateway.write(folder, "x", svg);
    gateway.content.paths.put("d/ü\".svg", _ -> gateway.content.file(file, svg.length, name, null));
    HttpResponse<byte[]> response = gateway.get("/s/media/d/%C3%BC%22.svg");
    assertThat(field(response, "Content-Type")).isEqualTo("text/plain; charset=utf-8");
    byte[] pdf = "%PDF-1.7 \0 and so on".getBytes(StandardCharsets.UTF_8);
    Path document = TestGateway.write(folder, "y", pdf);
    gateway.content.paths.put(
        "d/ü\".pdf", _ -> gateway.content.file(document, pdf.length, TestGateway.hash(pdf), null));
    response = gateway.get("/s/media/d/%C3%BC%22.pdf");
    assertThat(field(response, "Content-Type")).isEqualTo("application/octet-stream");
    assertThat(field(response, "Content-Disposition"))
        .isEqualTo("attachment; filename*=UTF-8''%C3%BC%22.pdf");
  }

  @Test
  void everyNoHasItsStatusAndSentence() throws Exception {
    check(new Found.Missing(), 404, "not-found");
    check(new Found.UnknownService(), 404, "not-found");
    check(new Found.Denied("denied by the operator"), 451, "denied");
    check(new Found.Failing("two providers failed"), 502, "providers-failing");
    check(new Found.TooSlow(), 504, "too-slow");
    HttpResponse<byte[]> busy =
        check(new Found.Overloaded(Duration.ofMillis(1500)), 503, "overloaded");
    assertThat(field(busy, "Retry-After")).isEqualTo("2");
    assertThat(gateway.get("/s/other/x").statusCode()).isEqualTo(404);
    assertThat(gateway.get("/blobs/xyz").statusCode()).isEqualTo(400);
    assertThat(gateway.get("/s/media/%2e%2e/x").statusCode()).isEqualTo(400);
    assertThat(gateway.get("/nothing").statusCode()).isEqualTo(404);
    HttpResponse<byte[]> post = gateway.request(gateway.client, "POST", blob);
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(field(post, "Allow")).isEqualTo("GET, HEAD");
    gateway.content.blobs.put(hash, headOnly -> new Found.Elsewhere(hash, headOnly ? 77 : -1));
    HttpResponse<byte[]> known = gateway.head(blob);
    assertThat(known.statusCode()).isEqualTo(200);
    assertThat(field(known, "Content-Length")).isEqualTo("77");
  }

  private HttpResponse<byte[]> check(Found found, int status, String word) throws Exception {
    gateway.content.blobs.put(hash, _ -> found);
    HttpResponse<byte[]> response = gateway.get(blob);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(field(response, "Cache-Control")).isEqualTo("no-store");
    assertThat(field(response, "Content-Type")).isEqualTo("application/json");
    JsonNode body = json(response);
    assertThat(body.get("error").asText()).isEqualTo(word);
    assertThat(body.get("reason").asText()).isNotEmpty();
    assertThat(body.get("cure").asText()).isNotEmpty();
    HttpResponse<byte[]> head = gateway.head(blob);
    assertThat(head.statusCode()).isEqualTo(status);
    assertThat(head.body()).isEmpty();
    return response;
  }

  @Test
  void pages() throws Exception {
    HttpResponse<byte[]> status = gateway.get("/");
    assertThat(field(status, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(new String(status.body(), StandardCharsets.UTF_8))
        .contains("It &lt;works&gt;.", "a&amp;b", "&#39;1&#39;")
        .doesNotContain("http://", "https://", "<script", "src=");
    HttpResponse<byte[]> moved = gateway.get("/s/media");
    assertThat(moved.statusCode()).isEqualTo(308);
    assertThat(field(moved, "Location")).isEqualTo("/s/media/");
    String figures = new String(gateway.get("/metrics").body(), StandardCharsets.UTF_8);
    assertThat(figures)
        .contains("veilor_gateway_answers_total{route=\"index\",status=\"308\"} 1\n")
        .contains("veilor_test{kind=\"a\\\"b\\\\c\\n\"} 1.5\n")
        .contains("# HELP veilor_test A figure of the \"node\"\\nin two lines\n");
    assertThat(figures.lines())
        .allMatch(line -> line.matches("# (HELP|TYPE) .*|[a-z_]+(\\{[^}]*})? [-0-9.]+"));
  }

  @Test
  void namesOnAPageAreNothingElse() throws Exception {
    HttpResponse<byte[]> list = gateway.get("/s/media/a%20b/", "Accept", "text/html,*/*");
    String page = new String(list.body(), StandardCharsets.UTF_8);
    assertThat(page)
        .contains("<h1>media/a b/</h1>", "<a href=\"../\">../</a>")
        .contains("href=\"%22%20onmouseover%3D%22alert%281%29\"")
        .contains("href=\"50%2541.png\"><bdi>50%41.png</bdi>")
        .contains("href=\"%3Cscript%3Ealert%281%29%3C/script%3E\"")
        .contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>")
        .contains("href=\"a%27b%3Fc%23d%26e.png\"><bdi>a&#39;b?c#d&amp;e.png</bdi>")
        .contains("href=\"http%3A/\"", "href=\"javascript%3Aalert%281%29\"")
        .contains("href=\"?after=z%E2%80%AEgnp.exe\">more</a>");
    assertThat(page.replaceAll("<bdi>[^<]*</bdi>", ""))
        .doesNotContain("http:", "<script", "src=", "javascript:", "onmouseover=");
    assertThat(field(list, "Content-Security-Policy")).contains("default-src 'none'", "sandbox");
    HttpResponse<byte[]> next = gateway.get("/s/media/a%20b/?after=z%E2%80%AEgnp.exe");
    assertThat(new String(next.body(), StandardCharsets.UTF_8))
        .contains("\u65e5\u672c.png", "href=\"%F0%9F%8C%88/\"")
        .doesNotContain("more</a>", "javascript");
    assertThat(gateway.head("/s/media/").statusCode()).isEqualTo(200);
  }

  @Test
  void aFolderAsJsonIsReadPageByPage() throws Exception {
    List<String> names = new ArrayList<>();
    String query = "";
    do {
      HttpResponse<byte[]> answer =
          gateway.get("/s/media/a%20b/" + query, "Accept", "application/json");
      assertThat(field(answer, "Vary")).isEqualTo("Accept");
      JsonNode page = json(answer);
      assertThat(page.path("folder").asText()).isEqualTo("a b");
      page.path("files").forEach(file -> names.add(file.path("path").asText()));
      page.path("folders").forEach(folder -> names.add(folder.asText()));
      assertThat(page.path("more").asBoolean()).isEqualTo(page.has("next"));
      query = page.path("next").asText();
    } while (!query.isEmpty());
    assertThat(names)
        .containsExactlyInAnyOrderElementsOf(
            TestGateway.NAMES.stream().map(name -> "a b/" + name).toList());
    // Names that are long together make pages short, never too large.
    JsonNode page = json(gateway.get("/s/long/", "Accept", "application/json"));
    assertThat(page.path("files").size()).isBetween(100, 999);
    assertThat(page.path("next").asText()).startsWith("?after=1");
    assertThat(gateway.get("/s/long/").statusCode()).isEqualTo(200);
    assertThat(gateway.get("/s/secret/").statusCode()).isEqualTo(404);
    assertThat(gateway.get("/s/none/").statusCode()).isEqualTo(404);
    assertThat(gateway.get("/s/media/none/").statusCode()).isEqualTo(404);
    assertThat(field(gateway.get("/s/busy/"), "Retry-After")).isEqualTo("1");
    assertThat(gateway.get("/s/broken/").statusCode()).isEqualTo(502);
  }

  @Test
  void health() throws Exception {
    assertThat(gateway.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(gateway.get("/health/ready").statusCode()).isEqualTo(200);
    gateway.notReady = "the first scan runs";
    HttpResponse<byte[]> not = gateway.get("/health/ready");
    assertThat(not.statusCode()).isEqualTo(503);
    assertThat(new String(not.body(), StandardCharsets.UTF_8)).contains("the first scan runs");
  }

  @Test
  void fiveHundredRequestsOnOneConnection() throws Exception {
    byte[] small = TestGateway.bytes(9, 5000);
    Hash name = TestGateway.hash(small);
    Path file = TestGateway.write(folder, "small", small);
    gateway.content.blobs.put(name, _ -> gateway.content.file(file, small.length, name, null));
    try (Socket socket = gateway.connect()) {
      byte[] request =
          ("GET /blobs/" + name + " HTTP/1.1\r\nHost: x\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (int i = 0; i < 250; i++) {
        out.write(request);
        assertThat(TestGateway.readHead(in)).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(in.readNBytes(small.length)).isEqualTo(small);
      }
      // and as many at once, which are answered in order
      byte[] many = new byte[request.length * 250];
      for (int i = 0; i < 250; i++) {
        System.arraycopy(request, 0, many, i * request.length, request.length);
      }
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  out.write(many);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      for (int i = 0; i < 250; i++) {
        assertThat(TestGateway.readHead(in)).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(in.readNBytes(small.length)).isEqualTo(small);
      }
      writer.join();
    }
    assertThat(gateway.figures()).contains("veilor_gateway_connections_total 1\n");
  }

  @Test
  void http2ByUpgrade() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      for (int i = 0; i < 20; i++) {
        HttpResponse<byte[]> response = gateway.request(client, "GET", blob);
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(data);
        assertThat(field(response, "ETag")).isEqualTo(etag);
      }
      assertThat(gateway.request(client, "HEAD", blob).headers().firstValueAsLong("content-length"))
          .hasValue(3_000_000);
      HttpResponse<byte[]> several =
          gateway.request(client, "GET", blob, "Range", "bytes=5-9,1000000-1999999,-3");
      assertThat(several.body())
          .isEqualTo(
              multipart(
                  field(several, "content-type"),
                  5,
                  9,
                  1_000_000,
                  1_999_999,
                  2_999_997,
                  2_999_999));
      assertThat(gateway.request(client, "GET", "/blobs/x").statusCode()).isEqualTo(400);
      assertThat(gateway.request(client, "GET", blob, "If-None-Match", etag).statusCode())
          .isEqualTo(304);
    }
  }

  @Test
  void aUnixSocketWorksTheSame() throws Exception {
    Path socket = folder.resolve("g.sock");
    GatewaySettings settings = GatewaySettings.of(new GatewayAddress.Unix(socket));
    try (GatewayServer server = GatewayServer.start(settings, gateway.content, gateway);
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(server.url()).isEqualTo("unix:" + socket);
      assertThat(Files.getPosixFilePermissions(socket))
          .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request = "GET " + blob + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      InputStream in = Channels.newInputStream(channel);
      assertThat(TestGateway.readHead(in)).contains("Connection: close\r\n");
      assertThat(in.readAllBytes()).isEqualTo(data);
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void aFileThatBecomesShorterIsCut() throws Exception {
    byte[] large = TestGateway.bytes(11, 30_000_000);
    Hash name = TestGateway.hash(large);
    Path file = TestGateway.write(folder, "large", large);
    gateway.content.blobs.put(name, _ -> gateway.content.file(file, large.length, name, null));
    try (Socket socket = gateway.connect()) {
      socket
          .getOutputStream()
          .write(
              ("GET /blobs/" + name + " HTTP/1.1\r\nHost: x\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(TestGateway.readHead(socket.getInputStream())).contains("30000000");
      try (var channel =
          java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
        channel.truncate(1000);
      }
      long count = 0;
      try {
        byte[] buffer = new byte[65536];
        for (int n = socket.getInputStream().read(buffer);
            n >= 0;
            n = socket.getInputStream().read(buffer)) {
          count += n;
        }
      } catch (java.io.IOException e) {
        assertThat(e).hasMessageContaining("reset");
      }
      assertThat(count).isLessThan(large.length);
    }
    Files.write(file, new byte[10]);
    assertThat(gateway.get("/blobs/" + name).statusCode()).isEqualTo(502);
    Files.delete(file);
    assertThat(gateway.get("/blobs/" + name).statusCode()).isEqualTo(502);
    assertThat(List.of(gateway.get(blob).statusCode())).containsExactly(200);
  }
}
