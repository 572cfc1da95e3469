package org.veilor.seed.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that mean no good, byte by byte; each is refused, and others notice nothing. */
class GatewayAttackTest {
  private static final String GET = "GET /health/live HTTP/1.1\r\nHost: x\r\n";
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

  private TestGateway gateway;

  @BeforeEach
  void start() throws Exception {
    gateway = new TestGateway(TestGateway.SHORT, 20, 100);
  }

  @AfterEach
  void othersNoticeNothing() throws Exception {
    assertThat(gateway.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(gateway.figures()).doesNotContain("route=\"unknown\"");
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Content-Length: 5\\r\\nTransfer-Encoding: chunked | 400
          Transfer-Encoding: chunked\\r\\nContent-Length: 5 | 400
          Content-Length: 0\\r\\nContent-Length: 44         | 400
          Content-Length: 0\\r\\nContent-Length: 0          | 400
          Content-Length: 0, 44                             | 400
          Content-Length : 44                               | 400
          Content-Length: +0                                | 400
          Content-Length: 00x                               | 400
          Transfer-Encoding: chunked                        | 501
          Transfer-Encoding: identity                       | 501
          Transfer-Encoding:\\x0bchunked                    | 400
          Transfer-Encoding : chunked                       | 400
          Transfer-Encoding: chunked\\r\\nTransfer-Encoding: x | 501
          X: a\\r\\n Content-Length: 44                     | 400
          X: a\\nContent-Length: 44                         | 400
          X: a\\rContent-Length: 44                         | 400
          \\nX: a                                           | 400
          X: \\0                                            | 400
          Host: y                                           | 400
          Content-Length: 9999999                           | 413
          """)
  void nothingIsSmuggled(String field, int status) throws Exception {
    String bytes =
        field
            .replace("\\r", "\r")
            .replace("\\n", "\n")
            .replace("\\x0b", "\u000b")
            .replace("\\0", "\0");
    String answer = gateway.raw(GET + bytes + "\r\n\r\n" + SMUGGLED);
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Connection: close\r\n");
    assertThat(answer.split("HTTP/1\\.1 ", -1)).hasSize(2);
    assertThat(gateway.figures()).contains("veilor_gateway_malformed_total 1\n");
  }

  @Test
  void aBodyIsThrownAwayAndTheNextRequestIsAnswered() throws Exception {
    String answers =
        gateway.raw(
            GET + "Content-Length: 5\r\n\r\nGET /" + GET + "Connection: close\r\n\r\n" + SMUGGLED);
    assertThat(answers.split("HTTP/1\\.1 200 OK\r\n", -1)).hasSize(3);
    assertThat(
            gateway.raw(
                GET.replace("GET", "POST")
                    + "Content-Length: 5\r\n\r\n12345"
                    + GET
                    + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 405 ")
        .contains("HTTP/1.1 200 OK");
    // who waits for 100 is answered at once, and the connection ends
    assertThat(gateway.raw(GET + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK")
        .contains("Connection: close");
  }

  @Test
  void headsHaveLimits() throws Exception {
    assertThat(gateway.raw("GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ");
    assertThat(gateway.raw("GET /" + "a".repeat(20_000))).startsWith("HTTP/1.1 414 ");
    assertThat(gateway.raw(GET + "X: y\r\n".repeat(101) + "\r\n")).startsWith("HTTP/1.1 431 ");
    assertThat(gateway.raw(GET + "X: " + "y".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(gateway.raw(GET + "X: " + "y".repeat(3_000_000))).contains("HTTP/1.1 431 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0\0\0\0\n",
        "\u0016\u0003\u0001\u0002\0\n",
        "GET / HTTP/1.1\n\n",
        "\n",
        "\r\n\r\n\r\n",
        "GET\t/\tHTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n"
      })
  void whatIsNotHttpIsRefused(String bytes) throws Exception {
    assertThat(gateway.raw(bytes)).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void slowHeadsAndIdleConnectionsEnd() throws Exception {
    try (Socket drip = gateway.connect();
        Socket silent = gateway.connect();
        Socket idle = gateway.connect()) {
      idle.getOutputStream().write((GET + "\r\n").getBytes(StandardCharsets.US_ASCII));
      TestGateway.readHead(idle.getInputStream());
      assertThat(idle.getInputStream().readNBytes(3)).hasSize(3);
      OutputStream out = drip.getOutputStream();
      InputStream in = drip.getInputStream();
      long start = System.nanoTime();
      for (int i = 0; in.available() == 0 && System.nanoTime() - start < 10_000_000_000L; i++) {
        out.write(i < GET.length() ? GET.charAt(i) : 'X');
        Thread.sleep(50);
      }
      assertThat(TestGateway.readHead(in)).startsWith("HTTP/1.1 408 ");
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(gateway.figures()).contains("veilor_gateway_head_timeouts_total 2\n");
  }

  @Test
  void tooManyConnectionsAndRequests() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        open.add(gateway.connect());
      }
      TestGateway.await("all are there", () -> gateway.server.metrics().connections() == 20);
      String answer = gateway.raw(GET + "\r\n");
      assertThat(answer).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1\r\n");
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    TestGateway.await("all are gone", () -> gateway.server.metrics().connections() == 0);
    try (TestGateway narrow = new TestGateway(GatewaySettings.Timeouts.DEFAULT, 20, 1)) {
      narrow.content.late = new java.util.concurrent.CompletableFuture<>();
      String blob = "/blobs/" + TestGateway.hash(new byte[1]);
      try (Socket first = narrow.connect()) {
        first
            .getOutputStream()
            .write(
                ("GET " + blob + " HTTP/1.1\r\nHost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        TestGateway.await("it is asked", () -> narrow.content.asked.get() == 1);
        assertThat(narrow.get(blob).statusCode()).isEqualTo(503);
      }
      TestGateway.await("it has ended", () -> narrow.server.metrics().running() == 0);
      narrow.content.late = null;
      assertThat(narrow.get(blob).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void http2IsEnteredOnlyAtTheBeginning() throws Exception {
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    assertThat(gateway.raw(GET + "\r\n" + preface))
        .startsWith("HTTP/1.1 200 OK")
        .contains("HTTP/1.1 400 ");
    String upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
    assertThat(gateway.raw(GET + "\r\n" + GET + upgrade)).doesNotContain("101 Switching");
    assertThat(gateway.raw(GET + upgrade)).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
    // settings that are none: answered as if nobody had asked
    assertThat(gateway.raw(GET + upgrade.replace("AAMAAABk", "AAMAAA")))
        .startsWith("HTTP/1.1 200 OK");
    assertThat(gateway.raw(GET + "Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK");
    // HTTP/1.1 behind an upgrade is not HTTP/2
    assertThat(gateway.raw(GET + upgrade + SMUGGLED)).doesNotContain("HTTP/1.1 404");
  }
}
