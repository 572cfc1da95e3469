package org.veilor.seed.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch holding = new CountDownLatch(ControlLimits.MAX_REQUESTS);
  private Path socket = Path.of("");
  private ControlServer server = null_();

  @SuppressWarnings("NullAway") // set before each test
  private static ControlServer null_() {
    return null;
  }

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("control.sock");
    Files.writeString(socket, "left by a dead process");
    server = ControlServer.start(socket, this::handle);
  }

  @AfterEach
  void stop() throws IOException {
    held.countDown();
    server.close();
    assertThat(socket).doesNotExist();
  }

  private void handle(ControlRequest request, ControlAnswer answer)
      throws ControlException, IOException {
    switch (request.path()) {
      case "/echo" ->
          answer.json(
              JSON.createObjectNode()
                  .put("method", request.method())
                  .put("name", request.parameter("name"))
                  .set("body", request.body()));
      case "/lines" -> {
        int count = Integer.parseInt(String.valueOf(request.parameter("count")));
        for (int i = 0; i < count; i++) {
          answer.line(JSON.createObjectNode().put("i", i).put("text", "x".repeat(100)));
        }
        if (request.parameter("fail") != null) {
          throw new ControlException(ControlException.Kind.REFUSED, "no more");
        }
      }
      case "/hold" -> {
        holding.countDown();
        try {
          held.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        answer.json(JSON.createObjectNode());
      }
      case "/disk" -> throw new IOException("the disk is gone");
      case "/bug" -> throw new IllegalStateException("oops");
      default -> throw new ControlException(ControlException.Kind.NOT_FOUND, "nothing there");
    }
  }

  @Test
  void answersRequestsAndKeepsTheSocketPrivate() throws Exception {
    ControlClient client = new ControlClient(socket);
    JsonNode body = JSON.createObjectNode().put("ü", "€\n");
    JsonNode answer = client.post("/echo", Map.of("name", "a b&c=d/ü"), body);
    assertThat(answer.path("method").asText()).isEqualTo("POST");
    assertThat(answer.path("name").asText()).isEqualTo("a b&c=d/ü");
    assertThat(answer.path("body")).isEqualTo(body);
    assertThat(client.get("/echo", Map.of()).path("body")).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFailureOfTheDiskIsToldAndNotTakenForAClientThatLeft() {
    ControlException failure =
        catchThrowableOfType(
            ControlException.class, () -> new ControlClient(socket).get("/disk", Map.of()));
    assertThat(failure.kind()).isEqualTo(ControlException.Kind.FAILED);
    assertThat(failure).hasMessage("the disk is gone");
  }

  @Test
  void streamsManyLines() throws Exception {
    List<Integer> seen = new ArrayList<>();
    new ControlClient(socket)
        .lines(
            "GET",
            "/lines",
            Map.of("count", "20000"),
            null,
            line -> seen.add(line.path("i").asInt()));
    assertThat(seen).hasSize(20_000).isSorted();
  }

  @Test
  void errorsCarryTheirKind() {
    ControlClient client = new ControlClient(socket);
    ControlException missing =
        catchThrowableOfType(ControlException.class, () -> client.get("/none", Map.of()));
    assertThat(missing).hasMessage("nothing there");
    assertThat(missing.kind()).isEqualTo(ControlException.Kind.NOT_FOUND);
    ControlException late =
        catchThrowableOfType(
            ControlException.class,
            () ->
                client.lines(
                    "GET", "/lines", Map.of("count", "5", "fail", "yes"), null, line -> {}));
    assertThat(late.kind()).isEqualTo(ControlException.Kind.REFUSED);
    assertThat(catchThrowableOfType(ControlException.class, () -> client.get("/bug", Map.of())))
        .hasMessageContaining("internal error");
  }

  @Test
  void tooManyRequestsAreTurnedAway() throws Exception {
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<JsonNode>> waiting = new ArrayList<>();
      for (int i = 0; i < ControlLimits.MAX_REQUESTS; i++) {
        waiting.add(pool.submit(() -> new ControlClient(socket).get("/hold", Map.of())));
      }
      holding.await();
      ControlException busy =
          catchThrowableOfType(
              ControlException.class, () -> new ControlClient(socket).get("/echo", Map.of()));
      assertThat(busy.kind()).isEqualTo(ControlException.Kind.BUSY);
      held.countDown();
      for (Future<JsonNode> each : waiting) {
        assertThat(each.get()).isEmpty();
      }
    }
  }

  @Test
  void bodiesThatAreNoJsonObjectsAreRefused() throws Exception {
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{]}"))
        .startsWith("HTTP/1.1 400")
        .contains("the body is not JSON");
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1"))
        .contains("the body must be a JSON object");
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
    assertThat(raw("GET /echo?name=%zz HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  private String raw(String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (!new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
              .contains("\r\n\r\n")
          && channel.read(answer) >= 0) {
        // until the head is there; our short bodies come with it
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void saysWhenThereIsNoDaemon() {
    assertThat(
            catchThrowableOfType(
                ControlClient.NoDaemonException.class,
                () -> new ControlClient(folder.resolve("none.sock")).get("/", Map.of())))
        .hasMessageContaining("no daemon answers on")
        .hasMessageContaining("veilor-seed run");
  }
}
