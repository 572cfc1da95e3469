package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients of the real daemon see when they or the providers behind it do wrong: a status and a
 * sentence, and nothing that others would notice.
 */
final class GatewayFailuresTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BLOB_BYTES = 3_000_001;
  private static final int MAX_CONNECTIONS = 1024;

  @TempDir private static Path shared = Path.of("");
  private static Path good = Path.of("");
  private static Swarm honest;
  private static Swarm liar;
  private static Swarm resetting;
  private static Swarm silent;
  private static Gateway gateway;

  @BeforeAll
  static void start() {
    good = TestFiles.random(shared.resolve("good"), BLOB_BYTES, 1);
    honest = Swarm.of(good).honest().start();
    liar = Swarm.of(TestFiles.random(shared.resolve("lie"), BLOB_BYTES, 2)).bad("lie").start();
    resetting =
        Swarm.of(TestFiles.random(shared.resolve("reset"), BLOB_BYTES, 3)).bad("reset-1").start();
    silent =
        Swarm.of(TestFiles.random(shared.resolve("closing"), BLOB_BYTES, 4))
            .bad("close-after", "--after", 0)
            .start();
    TestFiles.png(shared.resolve("media/a.png"), 50_000, 1);
    gateway =
        Gateway.in(shared)
            .peers(honest)
            .peers(liar)
            .peers(resetting)
            .peers(silent)
            .service("media", shared.resolve("media"), "")
            .start();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(gateway).close();
    for (Swarm swarm : List.of(honest, liar, resetting, silent)) {
      swarm.close();
    }
  }

  private static String goodPath() {
    return "/blobs/" + honest.hash();
  }

  /** The JSON of an answer that says what went wrong. */
  private static JsonNode failure(HttpResponse<byte[]> answer, int status) throws IOException {
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).as(text).isEqualTo(status);
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    JsonNode body = JSON.readTree(text);
    assertThat(body.path("reason").asText()).isNotBlank();
    assertThat(body.path("cure").asText()).isNotBlank();
    return body;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /blobs/xyz                                 | 400 | bad-request
          /blobs/../config.toml                      | 400 | bad-request
          /s/media/../state/identity.key             | 400 | bad-request
          /s/media/%2e%2e/state/identity.key         | 400 | bad-request
          /s/media/..%2fstate%2fidentity.key         | 400 | bad-request
          /s/media/x%00.png                          | 400 | bad-request
          /s/media/%zz                               | 400 | bad-request
          /s/media//etc/passwd                       | 400 | bad-request
          /s/nobody/a.png                            | 404 | not-found
          /s/media/b.png                             | 404 | not-found
          /nothing                                   | 404 | not-found
          """)
  void badAddressesAreRefused(String target, int status, String error) {
    String answer =
        gateway.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("\"error\":\"" + error + "\"", "\"reason\":\"", "Cache-Control: no-store\r\n");
  }

  @Test
  void rangesThatCannotBeAreRefused() throws IOException {
    HttpResponse<byte[]> outside = gateway.get(goodPath(), "Range", "bytes=3000001-");
    assertThat(failure(outside, 416).path("reason").asText()).contains("3000001 bytes");
    assertThat(outside.headers().firstValue("Content-Range")).hasValue("bytes */3000001");
    StringBuilder many = new StringBuilder("bytes=0-0");
    for (int i = 1; i < 17; i++) {
      many.append(',').append(1000 * i).append('-').append(1000 * i + 1);
    }
    HttpResponse<byte[]> answer = gateway.get(goodPath(), "Range", many.toString());
    assertThat(failure(answer, 416).path("reason").asText()).contains("16");
  }

  @Test
  void aProviderThatFailsIsNamed() throws IOException {
    for (Swarm bad : List.of(liar, resetting, silent)) {
      JsonNode body = failure(gateway.get("/blobs/" + bad.hash()), 502);
      assertThat(body.path("error").asText()).isEqualTo("providers-failing");
      assertThat(body.path("reason").asText())
          .as("the endpoint and what it did")
          .contains(bad.peer(0).endpoint().substring(0, 10));
    }
  }

  /** What two readers could understand differently, and heads without end. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "400 Content-Length: 5\r\nTransfer-Encoding: chunked",
        "501 Transfer-Encoding: chunked",
        "400 Content-Length: 0\r\nContent-Length: 44",
        "400 Content-Length : 44",
        "400 X: a\r\n Content-Length: 44",
        "400 X: a\nContent-Length: 44",
        "400 Host: y",
        "413 Content-Length: 9999999",
        "431 fields",
        "431 large",
        "414 address"
      })
  void smugglersAndHeaderBombsAreRefusedAndOthersServed(String attack) throws Exception {
    String field = attack.substring(4);
    StringBuilder fields = new StringBuilder();
    String target = "/health/live";
    switch (field) {
      case "fields" -> {
        for (int i = 0; i < 200; i++) {
          fields.append("X-").append(i).append(": y\r\n");
        }
      }
      case "large" -> fields.append("X: ").append("y".repeat(64 << 10)).append("\r\n");
      case "address" -> target = "/" + "a".repeat(8 << 10);
      default -> fields.append(field).append("\r\n");
    }
    String head = "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    byte[] expected = Files.readAllBytes(good);
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> bystander =
          threads.submit(() -> {
            int rounds = 0;
            do {
              assertThat(gateway.get(goodPath()).body()).isEqualTo(expected);
              rounds++;
            } while (!over.get());
            return rounds;
          });
      try {
        for (int i = 0; i < 5; i++) {
          String answer = gateway.raw(head + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(answer)
              .startsWith("HTTP/1.1 " + attack.substring(0, 3) + " ")
              .contains("Connection: close\r\n", "\"reason\":\"");
          assertThat(answer.split("HTTP/1\\.1 \\d", -1)).as("one answer: " + answer).hasSize(2);
        }
      } finally {
        over.set(true);
      }
      assertThat(bystander.get()).isPositive();
    }
    assertThat(gateway.metric("veilor_gateway_answers_total{route=\"unknown\",status=\"404\"}"))
        .as("only /nothing of another test was a request")
        .isLessThanOrEqualTo(1);
  }

  @Test
  void oneConnectionTooManyIsToldWhenToComeAgain() throws Exception {
    assertThat(gateway.get("/health/live").statusCode()).isEqualTo(200);
    List<Socket> held = new ArrayList<>();
    try {
      String answer = "";
      for (int i = 0; i <= MAX_CONNECTIONS; i++) {
        held.add(new Socket(InetAddress.getLoopbackAddress(), gateway.port()));
      }
      try (Socket last = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
        answer = ask(last);
      }
      assertThat(answer)
          .startsWith("HTTP/1.1 503 ")
          .contains("Retry-After: ", "Connection: close\r\n", "\"error\":\"overloaded\"");
      assertThat(gateway.get("/health/live").statusCode())
          .as("who has a connection is served")
          .isEqualTo(200);
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
    gateway
        .daemon()
        .await(
            "room again",
            Duration.ofSeconds(30),
            _ -> gateway.metric("veilor_gateway_connections") < 10);
    assertThat(gateway.raw("GET /health/live HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ");
  }

  private static String ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        text.append((char) next);
      }
    } catch (SocketException e) {
      text.append("[").append(e.getMessage()).append("]");
    }
    return text.toString();
  }
}
