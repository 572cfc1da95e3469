package org.veilor.seed.interop;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Our daemon with a gateway that pulls what is missing from real providers, and ways to ask it: the
 * client of the JDK, curl, and bare sockets.
 */
final class Gateway implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path folder;
  private final Daemon daemon;
  private final URI base;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Gateway(Path folder, Daemon daemon) {
    this.folder = folder;
    this.daemon = daemon;
    this.base = URI.create(daemon.gateway());
  }

  /** How to start it. */
  static final class Builder {
    private final Path folder;
    private final List<String> peers = new ArrayList<>();
    private final StringBuilder services = new StringBuilder();
    private final List<String> jvm = new ArrayList<>();

    private Builder(Path folder) {
      this.folder = folder;
    }

    /** A provider that is asked for whatever is missing. */
    Builder peer(Peer peer) {
      peers.add(peer.target());
      return this;
    }

    Builder peers(Swarm swarm) {
      for (int i = 0; i < swarm.size(); i++) {
        peer(swarm.peer(i));
      }
      return this;
    }

    Builder service(String name, Path directory, String upstream) {
      services.append(
          "[[service]]\nname = \"%s\"\ndirectory = \"%s\"\n".formatted(name, directory));
      if (!upstream.isEmpty()) {
        services.append("upstream = \"").append(upstream).append("\"\n");
      }
      return this;
    }

    /** A further flag of its JVM. */
    Builder jvm(String flag) {
      jvm.add(flag);
      return this;
    }

    Gateway start() {
      String quoted =
          peers.stream().map(peer -> "\"" + peer + "\"").collect(Collectors.joining(", "));
      String config =
          "[cache]\npeers = [%s]\n\n[seeding]\nsettle = \"100ms\"\nsettle_open = \"200ms\"\nsha256 = \"on\"\n\n%s"
              .formatted(quoted, services);
      Path file =
          TestFiles.write(folder.resolve("config.toml"), config.getBytes(StandardCharsets.UTF_8));
      Daemon.Builder wanted =
          Daemon.on(folder.resolve("state"))
              .gateway("127.0.0.1:0")
              .argument("--config")
              .argument(file);
      jvm.forEach(wanted::jvm);
      return new Gateway(folder, wanted.start());
    }
  }

  /** A gateway whose state lies in {@code folder}. */
  static Builder in(Path folder) {
    return new Builder(folder);
  }

  Daemon daemon() {
    return daemon;
  }

  int port() {
    return base.getPort();
  }

  URI uri(String path) {
    return base.resolve(path);
  }

  /** The address of a blob. */
  URI blob(String hash) {
    return uri("/blobs/" + hash);
  }

  /** Asks with a client that keeps its connections. */
  HttpResponse<byte[]> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(LIMIT);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new AssertionError(path + ": " + e + daemon.child().describe(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** A figure of {@code /metrics}, with its labels where it has any; 0 where it is not there. */
  long metric(String name) {
    String text = new String(get("/metrics").body(), StandardCharsets.UTF_8);
    return new BufferedReader(new StringReader(text))
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** How many downloads it began so far. */
  long downloads() {
    return metric("veilor_seed_downloads_started_total");
  }

  /** Runs curl, which must succeed. */
  Child.Finished curl(Object... arguments) {
    return run("curl", arguments).expectExit(0);
  }

  /** Runs a program in the folder of this test, whatever the outcome. */
  Child.Finished run(String program, Object... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    if (program.equals("curl")) {
      command.addAll(List.of("-q", "-sS"));
    }
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    try (Child child = Child.start(folder, Map.of("LC_ALL", "C.UTF-8"), command)) {
      return child.finish(LIMIT);
    }
  }

  /** Sends bytes as they are and gives all that comes until the other side closes. */
  String raw(String request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      var all = new ByteArrayOutputStream();
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8192];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        all.write(buffer, 0, count);
      }
      return all.toString(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError("no answer to " + request + daemon.child().describe(), e);
    }
  }

  @Override
  public void close() {
    client.close();
    daemon.close();
  }
}
