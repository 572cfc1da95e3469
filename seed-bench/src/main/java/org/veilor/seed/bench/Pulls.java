package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** How fast blobs come to our daemon from real Rust providers. */
final class Pulls {
  private static final long BIG_BYTES = 1L << 30;
  private static final long SWARM_BYTES = 100_000_000;
  private static final String SWARM_RATE = "20000000";
  private static final int PROVIDERS = 4;
  private static final double ROUND_TRIP_MILLIS = 50;

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final Path peer;
  private final int rounds;

  Pulls(Compare compare, Path work, Path launcher, Path peer, int rounds) {
    this.compare = compare;
    this.work = work;
    this.launcher = launcher;
    this.peer = peer;
    this.rounds = rounds;
  }

  /** 1 GiB into our cache, into an FsStore, and by {@code sendme receive}. */
  void pull() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve("pull"));
    Path file = folder.resolve("pull.bin");
    Compare.writeRandom(file, BIG_BYTES, 1);
    Figures time =
        compare
            .figures("1 GiB pulled, verified and durable in the store", "s", false)
            .target(0.7, 0.5);
    Figures cpu = compare.figures("pulling it", "CPU-s", false);
    Figures sendme =
        compare
            .figures("the same 1 GiB as a program", "s", false)
            .against("sendme receive")
            .target(0.7, 0.5);
    Figures command =
        compare.figures("veilor-seed get, a new process", "s", false).against("sendme receive");
    try (RustProvider provider =
            RustProvider.start(peer, work.resolve("pull-provider"), List.of(file));
        RustProvider ofCollection = // sendme takes nothing else
            RustProvider.start(peer, work.resolve("pull-provider2"), List.of(folder));
        Puller ours = Puller.start(launcher, work.resolve("pull-ours"), List.of())) {
      for (int round = -2; round < rounds; round++) {
        double before = ours.program().cpuSeconds();
        reuseMemory();
        double seconds = ours.pin(List.of(provider.ticket(0)));
        double used = ours.program().cpuSeconds() - before;
        ours.evict(provider.hash(0));
        JsonNode theirs = intoFsStore(provider);
        double received = sendme(ofCollection.ticket(0));
        double got = get(provider.ticket(0));
        System.err.printf(
            "round %d: ours %.2f s (%.2f CPU-s), FsStore %.2f s (%.2f CPU-s), sendme %.2f s, "
                + "get %.2f s%n",
            round,
            seconds,
            used,
            theirs.path("total_seconds").asDouble(),
            theirs.path("cpu_seconds").asDouble(),
            received,
            got);
        if (round >= 0) {
          time.add(true, seconds);
          time.add(false, theirs.path("total_seconds").asDouble());
          cpu.add(true, used);
          cpu.add(false, theirs.path("cpu_seconds").asDouble());
          sendme.add(true, seconds);
          sendme.add(false, received);
          command.add(true, got);
          command.add(false, received);
        }
      }
    }
  }

  private JsonNode intoFsStore(RustProvider provider) throws IOException, InterruptedException {
    Path store = work.resolve("pull-fs");
    reuseMemory();
    JsonNode done =
        Program.event(
            Program.run(
                List.of(
                    peer.toString(),
                    "get",
                    "--addr",
                    provider.endpoint() + "@" + provider.addr(),
                    "--hash",
                    provider.hash(0),
                    "--store",
                    "fs",
                    "--dir",
                    store.toString())),
            "done");
    delete(store);
    return done;
  }

  private double sendme(String ticket) throws IOException, InterruptedException {
    Path into = Files.createDirectories(work.resolve("pull-sendme"));
    reuseMemory();
    long start = System.nanoTime();
    Program.runIn(
        into,
        List.of(
            peer.resolveSibling("sendme").toString(),
            "receive",
            "--relay",
            "disabled",
            "--no-progress",
            ticket));
    double seconds = (System.nanoTime() - start) / 1e9;
    delete(into);
    return seconds;
  }

  private double get(String ticket) throws IOException, InterruptedException {
    Path into = Files.createDirectories(work.resolve("pull-get"));
    reuseMemory();
    long start = System.nanoTime();
    Program.run(
        List.of(
            launcher.toString(),
            "get",
            "--state",
            into.resolve("state").toString(),
            ticket,
            "-o",
            into.resolve("file").toString()));
    double seconds = (System.nanoTime() - start) / 1e9;
    delete(into);
    return seconds;
  }

  /**
   * A virtual machine gets memory from its host page by page, at a cost of seconds a gigabyte, and
   * whoever writes files first pays it; here nobody does.
   */
  private void reuseMemory() throws IOException, InterruptedException {
    Path file = work.resolve("memory");
    Program.run(
        List.of("dd", "if=/dev/zero", "of=" + file, "bs=16k", "count=98304", "status=none"));
    Files.delete(file);
  }

  /** The first byte that a client of the gateway gets of a blob that is not here. */
  void firstByte() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    int warmUp = 10;
    for (int i = 0; i < 2 * (rounds + warmUp); i++) {
      Path file = work.resolve("first" + i + ".bin");
      Compare.writeRandom(file, 3_000_000, 100 + i);
      files.add(file);
    }
    Figures cold =
        compare
            .figures("first byte over the gateway, 50 ms", "ms", false)
            .against("4 RTT + 20 ms")
            .target(1, 1);
    Figures open =
        compare
            .figures("the same, connection open", "ms", false)
            .against("2 RTT + 10 ms")
            .target(1, 1);
    String secret = "5eed".repeat(16);
    RustProvider provider =
        RustProvider.start(peer, work.resolve("first-store"), files, "--each", "--secret", secret);
    String[] again = {"--each", "--secret", secret, "--bind", provider.addr()};
    try (Program proxy =
        Program.start(
            List.of(
                peer.toString(),
                "proxy",
                "--to",
                provider.addr(),
                "--delay-ms",
                "25",
                "--forever"))) {
      String through = Program.event(String.valueOf(proxy.line()), "ready").path("addr").asText();
      try (Puller ours =
          Puller.start(
              launcher, work.resolve("first-ours"), List.of(provider.endpoint() + "@" + through))) {
        URI gateway = URI.create(ours.gateway());
        for (int round = -warmUp; round < rounds; round++) {
          provider.close(); // tells its getters so
          provider = RustProvider.start(peer, work.resolve("first-store"), files, again);
          int item = 2 * (round + warmUp);
          double first = firstByteMillis(gateway, provider.hash(item));
          double second = firstByteMillis(gateway, provider.hash(item + 1));
          System.err.printf("round %d: %.1f ms, open %.1f ms%n", round, first, second);
          if (round >= 0) {
            cold.add(true, first);
            cold.add(false, 4 * ROUND_TRIP_MILLIS + 20);
            open.add(true, second);
            open.add(false, 2 * ROUND_TRIP_MILLIS + 10);
          }
        }
      }
    } finally {
      provider.close();
    }
  }

  private static double firstByteMillis(URI gateway, String hash) throws IOException {
    try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
      socket.setTcpNoDelay(true);
      long start = System.nanoTime();
      socket
          .getOutputStream()
          .write(
              ("GET /blobs/" + hash + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("no answer: " + head);
        }
        head.append((char) next);
      }
      int first = in.read();
      double millis = (System.nanoTime() - start) / 1e6;
      if (first < 0 || !head.toString().startsWith("HTTP/1.1 200 ")) {
        throw new IOException("not the blob: " + head);
      }
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return millis;
    }
  }

  /** Four capped providers against one. */
  void swarm() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 2 * (rounds + 1); i++) {
      Path file = work.resolve("swarm" + i + ".bin");
      Compare.writeRandom(file, SWARM_BYTES, 200 + i);
      files.add(file);
    }
    Figures time =
        compare
            .figures("100 MB of four providers at 20 MB/s each", "s", false)
            .against("one of them")
            .target(0.3, 0.25);
    List<RustProvider> providers = new ArrayList<>();
    try (Puller ours = Puller.start(launcher, work.resolve("swarm-ours"), List.of())) {
      for (int i = 0; i < PROVIDERS; i++) {
        providers.add(
            RustProvider.start(
                peer,
                work.resolve("swarm-store" + i),
                files,
                "--each",
                "--rate-bytes",
                SWARM_RATE));
      }
      for (int round = -1; round < rounds; round++) {
        int item = 2 * (round + 1);
        double one = ours.pin(List.of(providers.getFirst().ticket(item)));
        double four =
            ours.pin(providers.stream().map(provider -> provider.ticket(item + 1)).toList());
        System.err.printf("round %d: of one %.2f s, of four %.2f s%n", round, one, four);
        if (round >= 0) {
          time.add(true, four);
          time.add(false, one);
        }
      }
    } finally {
      providers.forEach(RustProvider::close);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
