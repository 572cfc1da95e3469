package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.node.gateway.GatewayContent.Found;
import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/** The service's own server behind the gateway, played by a socket that answers as it is told. */
class UpstreamTest {
  private static final String PATH = "/s/media/files/x";

  /** What the server does with the connection after it has read a request. */
  private interface Script {
    void answer(Socket socket, OutputStream out) throws IOException, InterruptedException;
  }

  private TestGateway gateway;
  private ServerSocket listener;
  private volatile Script script = (_, _) -> {};
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
    gateway = new TestGateway(TestGateway.SHORT, 100, 100);
    URI uri = URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/files/x");
    gateway.content.paths.put("files/x", _ -> new Found.Upstream(uri));
  }

  private void serve() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        Thread.ofVirtual()
            .start(() -> {
              try (socket) {
                requests.add(TestGateway.readHead(socket.getInputStream()));
                script.answer(socket, socket.getOutputStream());
              } catch (IOException | InterruptedException e) {
                requests.add("ended: " + e);
              }
            });
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    TestGateway.await("all requests have ended", () -> gateway.server.metrics().running() == 0);
    gateway.close();
    listener.close();
  }

  private void answers(String head, byte[] body) {
    script =
        (_, out) -> {
          out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
          out.write(body);
        };
  }

  @Test
  void anAnswerIsPassedOn() throws Exception {
    byte[] body = TestGateway.bytes(1, 500_000);
    answers(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 500000\r\nContent-Range: bytes 5-500004/9999999"
            + "\r\nETag: \"u\"\r\nCache-Control: max-age=60\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\n"
            + "Keep-Alive: 5\r\nContent-Type: image/png",
        body);
    HttpResponse<byte[]> response =
        gateway.get(
            PATH + "?a=%41", "Range", "bytes=5-500004", "If-Range", "\"u\"", "Accept", "image/*");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(body);
    assertThat(response.headers().firstValue("Content-Range")).hasValue("bytes 5-500004/9999999");
    assertThat(response.headers().firstValue("ETag")).hasValue("\"u\"");
    assertThat(response.headers().firstValue("Cache-Control")).hasValue("max-age=60");
    assertThat(response.headers().firstValue("X-Hop")).isEmpty();
    assertThat(response.headers().firstValue("Keep-Alive")).isEmpty();
    assertThat(requests.getFirst())
        .startsWith("GET /files/x?a=%41 HTTP/1.1\r\n")
        .contains("Range: bytes=5-500004\r\n", "If-Range: \"u\"\r\n", "Via: 1.1 veilor-seed\r\n")
        .containsOnlyOnce("Host:");
  }

  @Test
  void hopByHopFieldsStayOnTheirHop() throws Exception {
    answers("HTTP/1.1 200 OK\r\nContent-Length: 2", "ok".getBytes(StandardCharsets.US_ASCII));
    String answer =
        gateway.raw(
            "GET "
                + PATH
                + " HTTP/1.1\r\nHost: x\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\n"
                + "TE: trailers\r\nProxy-Authorization: Basic x\r\nCookie: a=b\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\nok");
    assertThat(requests.getFirst())
        .doesNotContainIgnoringCase("x-secret", "trailers", "proxy-auth")
        .contains("Cookie: a=b");
  }

  @Test
  void anUnknownLengthIsSentInChunks() throws Exception {
    answers(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    HttpResponse<byte[]> response = gateway.get(PATH);
    assertThat(response.body()).isEqualTo("hello world".getBytes(StandardCharsets.US_ASCII));
    assertThat(response.headers().firstValue("Transfer-Encoding")).hasValue("chunked");
    String old = gateway.raw("GET " + PATH + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(old).contains("Connection: close").endsWith("\r\n\r\nhello world");
    answers("HTTP/1.1 200 OK\r\nContent-Length: 77\r\nContent-Type: image/png", new byte[0]);
    HttpResponse<byte[]> head = gateway.head(PATH);
    assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(77);
    assertThat(requests.getLast()).startsWith("HEAD ");
    answers("HTTP/1.1 304 Not Modified\r\nETag: \"u\"", new byte[0]);
    assertThat(gateway.get(PATH, "If-None-Match", "\"u\"").statusCode()).isEqualTo(304);
    answers("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0", new byte[0]);
    assertThat(gateway.get(PATH).headers().firstValue("Location")).hasValue("/y");
  }

  @Test
  void errorsStayInNoCache() throws Exception {
    answers(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nCache-Control: max-age=86400\r\nETag: \"n\"\r\n"
            + "Content-Type: image/png",
        new byte[] {1, 2, 3});
    HttpResponse<byte[]> missing = gateway.get(PATH);
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.body()).containsExactly(1, 2, 3);
    assertThat(missing.headers().allValues("Cache-Control")).containsExactly("no-store");
    assertThat(missing.headers().firstValue("ETag")).isEmpty();
    answers(
        "HTTP/1.1 500 Oops\r\nContent-Length: 3\r\nCache-Control: max-age=31536000, immutable",
        new byte[] {1, 2, 3});
    HttpResponse<byte[]> broken = gateway.get(PATH);
    assertThat(broken.statusCode()).isEqualTo(502);
    assertThat(broken.headers().allValues("Cache-Control")).containsExactly("no-store");
    assertThat(new String(broken.body(), StandardCharsets.UTF_8)).contains("answered 500");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5000",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y"
      })
  void aServerThatBreaksOffCutsTheClient(String head) throws Exception {
    answers(head, "3e8\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
    String answer = gateway.raw("GET " + PATH + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 OK").doesNotEndWith("0\r\n\r\n");
    assertThat(gateway.server.metrics().cuts(Cut.FAILED)).isEqualTo(1);
  }

  @Test
  void aServerThatIsSilentOrAway() throws Exception {
    script = (socket, _) -> socket.getInputStream().read();
    assertThat(gateway.get(PATH).statusCode()).isEqualTo(504);
    script =
        (socket, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1".getBytes(StandardCharsets.US_ASCII));
          socket.getInputStream().read();
        };
    assertThat(gateway.raw("GET " + PATH + " HTTP/1.1\r\nHost: x\r\n\r\n")).contains("\r\n\r\n1");
    assertThat(gateway.server.metrics().cuts(Cut.STALLED)).isEqualTo(1);
    script = (_, out) -> out.write("what?\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(gateway.get(PATH).statusCode()).isEqualTo(502);
    listener.close();
    assertThat(gateway.get(PATH).statusCode()).isEqualTo(502);
  }

  @Test
  void aRequestDoesNotGoInCircles() throws Exception {
    assertThat(gateway.get(PATH, "Via", "1.1 nginx, 1.1 veilor-seed").statusCode()).isEqualTo(404);
    assertThat(requests).isEmpty();
  }

  @Test
  void aSlowClientHoldsTheServerBack() throws Exception {
    AtomicLong written = new AtomicLong();
    byte[] piece = new byte[100_000];
    script =
        (_, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
          for (int i = 0; i < 500; i++) {
            out.write(piece);
            written.addAndGet(piece.length);
          }
        };
    try (Socket socket = gateway.connect()) {
      socket
          .getOutputStream()
          .write(
              ("GET " + PATH + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      TestGateway.await("it is cut", () -> gateway.server.metrics().cuts(Cut.SLOW_CLIENT) > 0);
    }
    assertThat(written.get()).isLessThan(40_000_000);
    TestGateway.await(
        "the server is told", () -> requests.stream().anyMatch(r -> r.startsWith("ended")));
  }
}
