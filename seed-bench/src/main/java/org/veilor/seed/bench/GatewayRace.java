package org.veilor.seed.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Our gateway, serving from its cache, against nginx with sendfile and one worker, serving the same
 * files: the same client asks both, rounds interleaved. The clients are curl for one large file and
 * wrk for small ones (Debian's packages nginx, curl and wrk).
 */
final class GatewayRace implements AutoCloseable {
  private static final int CONNECTIONS = 16;
  private static final int SECONDS = 5;

  private final Path work;
  private final Side provider;
  private final Program daemon;
  private final Program nginx;
  private final String gatewayUrl;
  private final String nginxUrl;
  private final List<String> names;
  private final List<String> hashes;

  /**
   * Starts both, and has ours pull every file into its cache.
   *
   * @param files of one folder
   */
  GatewayRace(Path work, Path launcher, Path peer, List<Path> files)
      throws IOException, InterruptedException {
    this.work = work;
    Path list = work.resolve("race.list");
    provider = Side.rust(peer, work.resolve("race-rust"), files, list);
    names = new ArrayList<>();
    hashes = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      String[] words = line.split(" ", 3);
      hashes.add("/blobs/" + words[0]);
      names.add("/" + Path.of(words[2]).getFileName());
    }
    Path config = work.resolve("race.toml");
    // so large that nothing needs a second request or is evicted
    Files.writeString(
        config, "[cache]\nmax_size = \"400 GB\"\npeers = [\"" + provider.address() + "\"]\n");
    daemon =
        Program.start(
            List.of(
                launcher.toString(),
                "run",
                "--state",
                work.resolve("race-ours").toString(),
                "--config",
                config.toString(),
                "--listen",
                "127.0.0.1:0",
                "--gateway",
                "127.0.0.1:0"));
    String ready = daemon.line();
    if (ready == null || !ready.contains("gateway=http")) {
      throw new IOException("the daemon did not become ready: " + ready);
    }
    gatewayUrl = Side.field(ready, "gateway=");
    int port = freePort();
    nginxUrl = "http://127.0.0.1:" + port;
    nginx = startNginx(Path.of(files.getFirst().toString()), port);
    pull();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Program startNginx(Path first, int port) throws IOException, InterruptedException {
    Path root = Files.isDirectory(first) ? first : first.toAbsolutePath().resolveSibling(".");
    Path place = Files.createDirectories(work.resolve("race-nginx"));
    Files.writeString(
        place.resolve("nginx.conf"),
        """
        daemon off;
        pid nginx.pid;
        error_log stderr;
        worker_processes 1;
        events { worker_connections 1024; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          keepalive_requests 1000000000;
          client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c;
          uwsgi_temp_path d; scgi_temp_path e;
          server { listen 127.0.0.1:%d; root %s; }
        }
        """
            .formatted(port, root.normalize()));
    Program program =
        Program.start(
            List.of("/usr/sbin/nginx", "-e", "stderr", "-p", place + "/", "-c", "nginx.conf"));
    Program.run(
        List.of(
            "curl",
            "-s",
            "-o",
            "/dev/null",
            "--retry",
            "20",
            "--retry-connrefused",
            "--retry-delay",
            "1",
            nginxUrl + "/"));
    return program;
  }

  private void pull() throws IOException, InterruptedException {
    Path config = work.resolve("race.curl");
    List<String> lines = new ArrayList<>();
    for (String hash : hashes) {
      lines.add("url = \"" + gatewayUrl + hash + "\"");
      lines.add("output = \"/dev/null\"");
    }
    Files.write(config, lines);
    Program.run(List.of("curl", "-sSf", "-K", config.toString()));
  }

  /** MiB a second of one transfer of the first file by curl. */
  double large(boolean ours) throws IOException, InterruptedException {
    String url = ours ? gatewayUrl + hashes.getFirst() : nginxUrl + names.getFirst();
    String rate =
        Program.run(List.of("curl", "-sSf", "-o", "/dev/null", "-w", "%{speed_download}", url));
    return Double.parseDouble(rate.strip()) / (1 << 20);
  }

  /** Requests a second of wrk with 16 connections that are kept, over all files in turn. */
  double small(boolean ours) throws IOException, InterruptedException {
    Path paths = work.resolve(ours ? "race.ours" : "race.nginx");
    Files.write(paths, ours ? hashes : names);
    Path script = work.resolve("race.lua");
    Files.writeString(
        script,
        """
        local paths, n = {}, 0
        function init(args)
          for line in io.lines(args[1]) do paths[#paths + 1] = wrk.format("GET", line) end
        end
        function request() n = n %% #paths + 1; return paths[n] end
        function done(s, l, r)
          local e = s.errors
          if e.status + e.read + e.connect + e.timeout > 0 then print("FAILED " .. e.status .. " " .. e.read) end
        end
        """
            .replace("%%", "%"));
    String output =
        Program.run(
            List.of(
                "wrk",
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + SECONDS + "s",
                "-s",
                script.toString(),
                ours ? gatewayUrl : nginxUrl,
                "--",
                paths.toString()));
    if (output.contains("FAILED")) {
      throw new IOException(output);
    }
    for (String line : output.lines().toList()) {
      if (line.startsWith("Requests/sec:")) {
        return Double.parseDouble(line.substring("Requests/sec:".length()).strip());
      }
    }
    throw new IOException("no rate in " + output);
  }

  @Override
  public void close() {
    daemon.close();
    nginx.close();
    provider.close();
  }
}
