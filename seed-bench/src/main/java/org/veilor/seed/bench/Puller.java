package org.veilor.seed.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Our daemon as the one that fetches: into its cache, over its control socket. */
final class Puller implements AutoCloseable {
  private static final int WAIT_MILLIS = 10_000;
  private static final int STEP_MILLIS = 20;

  private final Path state;
  private final Path config;
  private final List<String> peers;
  private final Program daemon;
  private final String gateway;

  private Puller(Path launcher, Path state, Path config, List<String> peers) throws IOException {
    this.state = state;
    this.config = config;
    this.peers = peers;
    Files.createDirectories(state);
    configure("40 GB");
    this.daemon =
        Program.start(
            List.of(
                launcher.toString(),
                "run",
                "--config",
                config.toString(),
                "--state",
                state.toString(),
                "--listen",
                "127.0.0.1:0",
                "--gateway",
                "127.0.0.1:0"));
    String ready = daemon.line();
    if (ready == null || !ready.startsWith("READY ")) {
      throw new IOException("the daemon did not become ready: " + ready);
    }
    this.gateway = ready.substring(ready.indexOf("gateway=") + "gateway=".length());
  }

  /**
   * Starts it.
   *
   * @param peers who is asked for whatever is not here, as {@code ID@ip:port}
   */
  static Puller start(Path launcher, Path state, List<String> peers) throws IOException {
    return new Puller(launcher, state, state.resolveSibling(state.getFileName() + ".toml"), peers);
  }

  private void configure(String maxSize) throws IOException {
    List<String> quoted = new ArrayList<>();
    peers.forEach(peer -> quoted.add('"' + peer + '"'));
    Files.writeString(config, "[cache]\nmax_size = \"" + maxSize + "\"\npeers = " + quoted + "\n");
  }

  /** {@code http://127.0.0.1:PORT}. */
  String gateway() {
    return gateway;
  }

  Program program() {
    return daemon;
  }

  /** Fetches what tickets name into the cache and waits until it is durable; how long that took. */
  double pin(List<String> tickets) throws IOException {
    long start = System.nanoTime();
    String answer = post("/pin", tickets, "\"pinned\"");
    double seconds = (System.nanoTime() - start) / 1e9;
    if (!answer.contains("\"pinned\"")) {
      throw new IOException("not pinned: " + answer);
    }
    return seconds;
  }

  /** Throws out what was pinned, so that the next round finds nothing. */
  void evict(String hash) throws IOException, InterruptedException {
    post("/unpin", List.of(hash), "}");
    reload("1 MB");
    for (int waited = 0; isCached(); waited += STEP_MILLIS) {
      if (waited >= WAIT_MILLIS) {
        throw new IOException("the cache does not give " + hash + " up");
      }
      Thread.sleep(STEP_MILLIS);
    }
    reload("40 GB");
    Thread.sleep(10 * STEP_MILLIS);
  }

  private boolean isCached() throws IOException {
    try (Stream<Path> files = Files.walk(state.resolve("cache"))) {
      return files.anyMatch(file -> file.toString().endsWith(".data"));
    }
  }

  private void reload(String maxSize) throws IOException, InterruptedException {
    configure(maxSize);
    Program.run(List.of("kill", "-HUP", Long.toString(daemon.pid())));
  }

  private String post(String path, List<String> what, String until) throws IOException {
    List<String> quoted = new ArrayList<>();
    what.forEach(each -> quoted.add('"' + each + '"'));
    byte[] body = ("{\"what\":" + quoted + "}").getBytes(StandardCharsets.UTF_8);
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: "
            + body.length
            + "\r\n\r\n";
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(state.resolve("control.sock")));
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
      channel.write(ByteBuffer.wrap(body));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      String text = "";
      while (!text.contains(until) && channel.read(buffer.clear()) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        text = answer.toString(StandardCharsets.UTF_8);
      }
      return text;
    }
  }

  @Override
  public void close() {
    daemon.close();
  }
}
