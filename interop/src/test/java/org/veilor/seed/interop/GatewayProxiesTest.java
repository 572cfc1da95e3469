package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The configurations of nginx and Caddy that docs/gateway.md shows, read from there and started for
 * real between a client, a service that has lost files, and our gateway. Only ports are replaced.
 */
final class GatewayProxiesTest {
  private static final int BLOB_BYTES = 3_000_001;
  private static final String NO_STORE = "no-store";

  @TempDir private static Path shared = Path.of("");
  private static Path folder = Path.of("");
  private static Path blob = Path.of("");
  private static HttpServer service;
  private static Swarm swarm;

  /** Its service is asked first, by the web server. */
  private static Gateway last;

  /** It asks the service itself. */
  private static Gateway first;

  private static final ConcurrentLinkedQueue<String> SERVICE_LOG = new ConcurrentLinkedQueue<>();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** What stands in front. */
  enum Front {
    NGINX,
    CADDY,
    NGINX_SEED_FIRST
  }

  @BeforeAll
  static void start() throws IOException {
    folder = Files.createDirectories(shared.resolve("misskey/files"));
    for (String name : List.of("lost", "broken", "na%me ä?")) {
      TestFiles.png(folder.resolve(name), 100_000, name.hashCode());
    }
    blob = TestFiles.random(shared.resolve("blob"), BLOB_BYTES, 5);
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    service.createContext("/", GatewayProxiesTest::serve);
    service.start();
    swarm = Swarm.of(blob).honest().start();
    last = gateway("last", "");
    first = gateway("first", "http://127.0.0.1:" + service.getAddress().getPort());
  }

  private static Gateway gateway(String name, String upstream) throws IOException {
    Path state = Files.createDirectories(shared.resolve(name));
    Gateway gateway = Gateway.in(state).peers(swarm).service("misskey", folder, upstream).start();
    gateway
        .daemon()
        .await(
            "all seeded",
            Duration.ofMinutes(1),
            d -> d.list().keySet().stream().filter(p -> p.startsWith(folder)).count() == 3);
    return gateway;
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(first).close();
    Objects.requireNonNull(last).close();
    Objects.requireNonNull(swarm).close();
    Objects.requireNonNull(service).stop(0);
    CLIENT.close();
  }

  /** A service as Misskey: 404 with a body and a lifetime, 500 for what its disk has lost. */
  private static void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    SERVICE_LOG.add(path);
    int status = path.startsWith("/files/kept") ? 200 : path.equals("/files/broken") ? 500 : 404;
    byte[] body = ("service " + status + " " + path).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Cache-Control", "max-age=31536000, immutable");
    exchange.sendResponseHeaders(
        status, exchange.getRequestMethod().equals("HEAD") ? -1 : body.length);
    if (!exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  /** A code block of the document. */
  private static String block(String language) throws IOException {
    String text = Files.readString(Path.of("../docs/gateway.md"));
    Matcher found =
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(text);
    assertThat(found.find()).as(language).isTrue();
    return found.group(1);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A running web server. */
  private record Running(Child child, int port) implements AutoCloseable {
    HttpResponse<byte[]> get(String path, String... headers)
        throws IOException, InterruptedException {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(Duration.ofSeconds(30));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    }

    void awaitListening() throws IOException {
      Deadline deadline = Deadline.after(Duration.ofSeconds(30));
      while (true) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
          return;
        } catch (ConnectException e) {
          if (deadline.isOver() || !child.isAlive()) {
            throw new AssertionError("does not listen" + child.describe(), e);
          }
          Deadline.pause(Duration.ofMillis(20));
        }
      }
    }

    @Override
    public void close() {
      child.close();
    }
  }

  private static Running start(Front front, int servicePort) throws IOException {
    int port = freePort();
    Gateway gateway = front == Front.NGINX_SEED_FIRST ? first : last;
    String config =
        switch (front) {
          case NGINX -> block("nginx");
          case NGINX_SEED_FIRST -> "server { listen 80;\n" + block("nginx-seed-first") + "}";
          case CADDY -> block("caddyfile");
        };
    config =
        config
            .replace("127.0.0.1:3000", "127.0.0.1:" + servicePort)
            .replace("127.0.0.1:8471", "127.0.0.1:" + gateway.port())
            .replace("listen 80;", "listen 127.0.0.1:" + port + ";")
            .replaceFirst("(?m)^:80 ", "http://127.0.0.1:" + port + " ");
    Path place = Files.createTempDirectory(shared, "front");
    Child child = front == Front.CADDY ? caddy(place, config) : nginx(place, config);
    Running running = new Running(child, port);
    running.awaitListening();
    return running;
  }

  private static Child nginx(Path place, String server) {
    StringBuilder config =
        new StringBuilder("daemon off;\npid nginx.pid;\nerror_log stderr;\nworker_processes 1;\n")
            .append("events {}\nhttp {\naccess_log off;\n");
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      config.append(kind).append("_temp_path ").append(kind).append(";\n");
    }
    config.append(server).append("\n}\n");
    TestFiles.write(
        place.resolve("nginx.conf"), config.toString().getBytes(StandardCharsets.UTF_8));
    return Child.start(
        place,
        Map.of("PATH", System.getenv("PATH") + ":/usr/sbin"),
        List.of("sh", "-c", "exec nginx -e stderr -p \"$0\" -c nginx.conf", place.toString()));
  }

  private static Child caddy(Path place, String site) {
    String config = "{\n\tadmin off\n}\n\n" + site;
    TestFiles.write(place.resolve("Caddyfile"), config.getBytes(StandardCharsets.UTF_8));
    return Child.start(
        place,
        Map.of("XDG_DATA_HOME", place.toString(), "XDG_CONFIG_HOME", place.toString()),
        List.of("caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"));
  }

  private static int servicePort() {
    return service.getAddress().getPort();
  }

  @ParameterizedTest
  @EnumSource(Front.class)
  void whatTheServiceHasLostComesFromUs(Front front) throws Exception {
    try (Running web = start(front, servicePort())) {
      HttpResponse<byte[]> kept = web.get("/files/kept");
      assertThat(kept.statusCode()).isEqualTo(200);
      assertThat(kept.body()).asString().isEqualTo("service 200 /files/kept");
      for (String name : List.of("lost", "broken", "na%25me%20%C3%A4%3F")) {
        Path file = folder.resolve(URI.create(name).getPath());
        HttpResponse<byte[]> found = web.get("/files/" + name);
        assertThat(found.statusCode()).as(name + web.child().describe()).isEqualTo(200);
        assertThat(found.body()).isEqualTo(Files.readAllBytes(file));
        assertThat(found.headers().firstValue("Content-Type")).hasValue("image/png");
        HttpResponse<byte[]> part = web.get("/files/" + name, "Range", "bytes=1000-1999");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(Files.readAllBytes(file), 1000, 2000));
        String etag = found.headers().firstValue("ETag").orElseThrow();
        assertThat(web.get("/files/" + name, "If-None-Match", etag).statusCode()).isEqualTo(304);
        assertThat(web.get("/files/" + name, "Range", "bytes=900000-").statusCode()).isEqualTo(416);
      }
      HttpResponse<byte[]> missing = web.get("/files/nowhere");
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(missing.headers().allValues("Cache-Control")).containsExactly(NO_STORE);
      assertThat(web.get("/files/..%2f..%2fconfig.toml").statusCode()).isIn(400, 404);
    }
  }

  /** In front is a web server, behind it our gateway, behind that a Rust provider. */
  @ParameterizedTest
  @EnumSource(names = {"NGINX", "CADDY"})
  void aBlobIsPulledThrough(Front front) throws Exception {
    try (Running web = start(front, servicePort())) {
      HttpResponse<byte[]> got = web.get("/blobs/" + swarm.hash());
      assertThat(got.statusCode()).as(web.child().describe()).isEqualTo(200);
      assertThat(got.body()).isEqualTo(Files.readAllBytes(blob));
      assertThat(got.headers().firstValue("Cache-Control")).get().asString().contains("immutable");
      HttpResponse<byte[]> part = web.get("/blobs/" + swarm.hash(), "Range", "bytes=-10");
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).hasSize(10);
      assertThat(web.get("/blobs/none").statusCode()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @EnumSource(Front.class)
  void aServiceThatIsDownDoesNotMatterForWhatWeHave(Front front) throws Exception {
    if (front == Front.NGINX_SEED_FIRST) {
      SERVICE_LOG.clear();
    }
    int port = front == Front.NGINX_SEED_FIRST ? servicePort() : freePort();
    try (Running web = start(front, port)) {
      HttpResponse<byte[]> found = web.get("/files/lost", "Range", "bytes=0-9");
      assertThat(found.statusCode()).as(web.child().describe()).isEqualTo(206);
      assertThat(found.body()).hasSize(10);
      if (front == Front.NGINX_SEED_FIRST) {
        assertThat(SERVICE_LOG).as("the service is not asked for what is here").isEmpty();
      } else {
        HttpResponse<byte[]> missing = web.get("/files/nowhere");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).asString().contains("\"error\":\"not-found\"");
      }
    }
  }

  /** Traefik is not started; what is written of it at least names the routes of the gateway. */
  @Test
  void traefikIsTold() throws IOException {
    assertThat(block("yaml")).contains("prefix: \"/s/misskey\"", "url: \"http://127.0.0.1:8471\"");
  }
}
