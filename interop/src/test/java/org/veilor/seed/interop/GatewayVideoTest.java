package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chromium, headless, plays a video and jumps in it while our gateway is still pulling it from a
 * slow Rust provider. The proofs are the ranges that it asked for, the time of the frame that it
 * showed, and a screenshot ({@code -Dveilor.gateway.screenshot=FILE} keeps it).
 */
final class GatewayVideoTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path VIDEO =
      Path.of("src/test/resources/video/counter.webm").toAbsolutePath().normalize();

  /** Slow enough that what is jumped to is not here yet. */
  private static final int BYTES_PER_SECOND = 150_000;

  private static final double SEEK_SECONDS = 50.25;

  @TempDir private Path temporary = Path.of("");

  private static String page(String video) {
    return """
    <!doctype html><title>video</title><body style="margin:0;background:#fff">
    <video id="v" preload="metadata" muted style="width:480px;height:270px"></video>
    <script>
    const v = document.getElementById('v');
    const frame = () => new Promise(r => v.requestVideoFrameCallback((_, m) => r(m.mediaTime)));
    // jumps to where nothing is here yet, and shows that frame
    async function jump() {
      const metadata = new Promise(r => v.onloadedmetadata = r);
      v.src = '%s';
      await metadata;
      const next = frame();
      v.currentTime = %s;
      let second = await next;
      while (second < v.currentTime - 1) second = await frame(); // the first one was on its way
      return JSON.stringify({second, at: v.currentTime, width: v.videoWidth,
        duration: v.duration, error: v.error && v.error.message});
    }
    // plays from the beginning
    async function play() {
      v.currentTime = 0;
      await v.play();
      const first = await frame();
      while (v.currentTime < 2) await frame();
      return JSON.stringify({first, at: v.currentTime,
        frames: v.getVideoPlaybackQuality().totalVideoFrames});
    }
    </script>
    """
        .formatted(video, SEEK_SECONDS);
  }

  /** Passes connections on to the gateway and remembers the requests that go through. */
  private static final class Recorder implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("(?im)^Range: ([^\\r\\n]+)");
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int to;
    final ConcurrentLinkedQueue<String> ranges = new ConcurrentLinkedQueue<>();

    Recorder(int to) throws IOException {
      this.to = to;
      var _ = Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listener.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket from = listener.accept();
          Socket target = new Socket(InetAddress.getLoopbackAddress(), to);
          var _ = Thread.ofVirtual().start(() -> copy(from, target, true));
          var _ = Thread.ofVirtual().start(() -> copy(target, from, false));
        }
      } catch (IOException e) {
        assertThat(listener.isClosed()).as(e.toString()).isTrue();
      }
    }

    private void copy(Socket from, Socket target, boolean record) {
      byte[] piece = new byte[64 << 10];
      try (from;
          target) {
        InputStream in = from.getInputStream();
        OutputStream out = target.getOutputStream();
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
          if (record) {
            // a browser sends the head of a request at once
            Matcher found = RANGE.matcher(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
            while (found.find()) {
              ranges.add(found.group(1));
            }
          }
          out.write(piece, 0, count);
        }
      } catch (IOException e) {
        // one side has closed: that ends the other too
        assertThat(e).isNotNull();
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  /** Commands for a page of Chromium (Chrome DevTools Protocol). */
  private static final class Page implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int last;

    Page(HttpClient client, String address) {
      socket = client.newWebSocketBuilder().buildAsync(URI.create(address), this).join();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean end) {
      part.append(data);
      if (end) {
        messages.add(part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    /** What a function of the page says, which gives a promise of JSON. */
    JsonNode evaluate(String expression) throws Exception {
      JsonNode result =
          ask(
              "Runtime.evaluate",
              Map.of("expression", expression, "awaitPromise", true, "userGesture", true));
      return JSON.readTree(result.path("result").path("value").asText());
    }

    JsonNode ask(String method, Map<String, Object> parameters) throws Exception {
      int id = ++last;
      String text =
          JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
      CompletableFuture<WebSocket> sent = socket.sendText(text, true);
      sent.join();
      while (true) {
        String message = messages.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("an answer to " + method).isNotNull();
        JsonNode answer = JSON.readTree(message);
        if (answer.path("id").asInt() == id) {
          assertThat(answer.has("error")).as(answer.toString()).isFalse();
          return answer.path("result");
        }
      }
    }
  }

  private Child chromium(String page) {
    return Child.start(
        temporary,
        Map.of("HOME", temporary.toString(), "XDG_RUNTIME_DIR", temporary.toString()),
        List.of(
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--autoplay-policy=no-user-gesture-required",
            "--window-size=640,480",
            "--user-data-dir=" + temporary.resolve("profile"),
            "--remote-debugging-port=0",
            page));
  }

  /** The address of the page's commands. */
  private String commands(Child chromium, HttpClient client) throws Exception {
    Path file = temporary.resolve("profile/DevToolsActivePort");
    Deadline deadline = Deadline.after(LIMIT);
    while (true) {
      if (Files.exists(file) && Files.readString(file).contains("\n")) {
        int port = Integer.parseInt(Files.readAllLines(file).getFirst());
        var request =
            java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json"));
        String text =
            client.send(request.build(), java.net.http.HttpResponse.BodyHandlers.ofString()).body();
        for (JsonNode target : JSON.readTree(text)) {
          if (target.path("type").asText().equals("page")
              && target.path("title").asText().equals("video")) {
            return target.path("webSocketDebuggerUrl").asText();
          }
        }
      }
      assertThat(deadline.isOver() || !chromium.isAlive()).as(chromium.describe()).isFalse();
      Deadline.pause(Duration.ofMillis(50));
    }
  }

  @Test
  void chromiumPlaysAndSeeksAVideoThatIsNotHereYet() throws Exception {
    HttpServer pages =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (Swarm swarm = Swarm.of(VIDEO).capped(BYTES_PER_SECOND).start();
        Gateway gateway = Gateway.in(temporary).peers(swarm).start();
        Recorder recorder = new Recorder(gateway.port());
        HttpClient client = HttpClient.newHttpClient()) {
      String page = page("http://127.0.0.1:%d/blobs/%s".formatted(recorder.port(), swarm.hash()));
      pages.createContext(
          "/",
          exchange -> {
            byte[] body = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      pages.start();
      try (Child chromium =
          chromium("http://127.0.0.1:%d/".formatted(pages.getAddress().getPort()))) {
        Page commands = new Page(client, commands(chromium, client));
        JsonNode jumped = commands.evaluate("jump()");
        long present = gateway.metric("veilor_seed_download_verified_bytes_total");
        String png =
            commands.ask("Page.captureScreenshot", Map.of("format", "png")).path("data").asText();
        String seen = jumped + " with ranges " + recorder.ranges + ", " + present + " bytes here";
        look(Base64.getDecoder().decode(png), seen);
        assertThat(jumped.path("second").asDouble(-1)).as(seen).isBetween(50.0, 50.5);
        assertThat(jumped.path("width").asInt()).as(seen).isEqualTo(320);
        assertThat(present).as("before all of it was here").isLessThan(Files.size(VIDEO));
        assertThat(recorder.ranges).as(seen).contains("bytes=0-");
        assertThat(recorder.ranges)
            .as("the jump is a request of its own: " + seen)
            .anyMatch(range -> firstByte(range) > 1_000_000);
        JsonNode played = commands.evaluate("play()");
        assertThat(played.path("first").asDouble(-1)).as(played.toString()).isBetween(0.0, 2.0);
        assertThat(played.path("at").asDouble()).as(played.toString()).isBetween(1.9, 10.0);
        assertThat(played.path("frames").asInt()).as(played.toString()).isGreaterThan(20);
        assertThat(gateway.downloads()).as(seen).isEqualTo(1);
      }
    } finally {
      pages.stop(0);
    }
  }

  /** Of {@code bytes=FIRST-…}. */
  private static long firstByte(String range) {
    return Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
  }

  /** Where the video is, there is a picture and not one colour. */
  private static void look(byte[] png, String seen) throws IOException {
    String keep = System.getProperty("veilor.gateway.screenshot", "");
    if (!keep.isEmpty()) {
      Files.write(Path.of(keep), png);
      Files.writeString(Path.of(keep + ".txt"), seen);
    }
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    Set<Integer> colours = new HashSet<>();
    for (int x = 0; x < 480; x += 8) {
      for (int y = 0; y < 270; y += 8) {
        colours.add(image.getRGB(x, y));
      }
    }
    assertThat(colours).as(seen).hasSizeGreaterThan(200);
  }
}
