package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Our daemon against {@code iroh-blobs} on an {@code FsStore}, the same Rust getter on the other
 * side of both, rounds interleaved; prints a Markdown table of medians and spreads.
 *
 * <p>{@code seed-bench/run} starts it inside a network namespace with loopback only.
 */
public final class Compare {
  private static final int ROUNDS = Integer.getInteger("veilor.bench.rounds", 5);
  private static final long BIG_BYTES = 1L << 30;

  /** Rounds before the figures are of compiled code; the first one is reported by itself. */
  private static final int SMALL_WARM_UP_ROUNDS = 4;

  private static final int SMALL_FILES = Integer.getInteger("veilor.bench.files", 20_000);
  private static final long PROXY_BYTES = 4L << 20;
  private static final double GIB = 1L << 30;

  private static final List<String> ALL =
      List.of(
          "serve",
          "small",
          "connect",
          "idle",
          "lossy",
          "reordering",
          "pull",
          "firstbyte",
          "swarm",
          "gossip",
          "announce",
          "gateway",
          "gateway-small",
          "start",
          "hash",
          "import",
          "million",
          "kernel");

  private final Path work;
  private final Path launcher;
  private final Path peer;
  private final PrintStream out = System.out;
  private final List<Figures> table = new ArrayList<>();

  private Compare(Path work, Path launcher, Path peers) {
    this.work = work;
    this.launcher = launcher;
    this.peer = peers.resolve("iroh-peer");
  }

  /**
   * Runs the comparisons.
   *
   * @param args work folder, launcher of our distribution, folder of the Rust peers, and the names
   *     of the {@link #ALL comparisons} wanted; none for all
   */
  public static void main(String[] args) throws Exception {
    Compare compare = new Compare(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    Keeper keeper = Keeper.of(Path.of("docs"), System.getProperty("veilor.bench.compare", ""));
    for (String name : args.length > 3 ? List.of(args).subList(3, args.length) : ALL) {
      compare.run(name);
      keeper.keep(compare.table); // what comes later may fail
    }
    keeper.finish(compare.out);
  }

  private void run(String name) throws Exception {
    Pulls pulls = new Pulls(this, work, launcher, peer, ROUNDS);
    switch (name) {
      case "serve" -> serve();
      case "small" -> small();
      case "connect" -> connect();
      case "idle" -> idle();
      case "lossy" -> throughProxy("1 % loss and 50 ms", "--loss", "0.01");
      case "reordering" ->
          throughProxy(
              "5 % reordering by up to 10 ms and 50 ms", "--reorder", "0.05", "--reorder-ms", "10");
      case "pull" -> pulls.pull();
      case "firstbyte" -> pulls.firstByte();
      case "swarm" -> pulls.swarm();
      case "gossip" -> new GossipRace(this, peer, ROUNDS).run();
      case "announce" -> new Announcements(this, work, launcher, out).run();
      case "hash" -> new HashRace(this, work, launcher, peer.resolveSibling("b3sum"), ROUNDS).run();
      case "import" -> new ImportRace(this, work, launcher, peer, ROUNDS).run();
      case "million" -> new Million(this, work, launcher).run();
      case "gateway" -> gateway();
      case "gateway-small" -> gatewaySmall();
      case "start" -> {
        Path folder = Files.createDirectories(work.resolve("known"));
        new StartUp(this, work, launcher, ROUNDS).run(folder, smallFiles(folder, 1000).size());
      }
      case "kernel" -> new KernelRace(this).run();
      default -> throw new IllegalArgumentException("no comparison named " + name + ", but " + ALL);
    }
  }

  Figures figures(String what, String unit, boolean higherIsBetter) {
    Figures figures = new Figures(what, unit, higherIsBetter);
    table.add(figures);
    return figures;
  }

  /** Both sides with the same files; ours first. */
  private List<Side> sides(String name, List<Path> files, Path list)
      throws IOException, InterruptedException {
    Side rust = Side.rust(peer, work.resolve(name + "-rust"), files, list);
    return List.of(Side.ours(launcher, work.resolve(name + "-ours"), files), rust);
  }

  private static void close(List<Side> sides) {
    sides.forEach(Side::close);
  }

  private void serve() throws IOException, InterruptedException {
    Path file = work.resolve("big.bin");
    writeRandom(file, BIG_BYTES, 1);
    Path list = work.resolve("big.list");
    List<Side> sides = sides("serve", List.of(file), list);
    String hash = hashes(list).getFirst();
    Figures rate = figures("1 GiB blob, one connection", "MiB/s", true).target(1.3, 1.8);
    Figures cpu = figures("serving it", "CPU-s/GiB", false).target(0.6, 0.3);
    Figures memory = figures("resident memory after serving 1 GiB", "MiB", false).limit(260, 180);
    for (int round = -1; round < ROUNDS; round++) {
      for (Side side : sides) {
        double before = side.program().cpuSeconds();
        JsonNode done =
            Program.event(
                Program.run(
                    List.of(peer.toString(), "get", "--addr", side.address(), "--hash", hash)),
                "done");
        double used = side.program().cpuSeconds() - before;
        progress(side, round, done.path("mib_per_s").asDouble() + " MiB/s, " + used + " CPU-s");
        if (round >= 0) {
          boolean ours = side == sides.getFirst();
          rate.add(ours, done.path("mib_per_s").asDouble());
          cpu.add(ours, used / (BIG_BYTES / GIB));
          memory.add(ours, side.program().residentKib() / 1024.0);
        }
      }
    }
    close(sides);
  }

  private void small() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve("small"));
    var _ = smallFiles(folder, 1000);
    Path list = work.resolve("small.list");
    List<Side> sides = sides("small", List.of(folder), list);
    Path hashes = work.resolve("small.hashes");
    Files.write(hashes, hashes(list));
    Figures rate =
        figures(SMALL_FILES + " small blobs, 32 in flight", "blobs/s", true).target(1.5, 3);
    Figures cpu = figures("serving small blobs", "CPU-ms per 1,000", false);
    Figures first = figures("small blobs right after the start", "blobs/s", true);
    for (int round = -SMALL_WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (Side side : sides) {
        double before = side.program().cpuSeconds();
        JsonNode done =
            Program.event(
                Program.run(
                    List.of(
                        peer.toString(),
                        "get-list",
                        "--addr",
                        side.address(),
                        "--hashes",
                        hashes.toString(),
                        "--in-flight",
                        "32")),
                "done");
        double used = side.program().cpuSeconds() - before;
        progress(side, round, done.path("blobs_per_s").asDouble() + " blobs/s");
        boolean ours = side == sides.getFirst();
        if (round == -SMALL_WARM_UP_ROUNDS) {
          first.add(ours, done.path("blobs_per_s").asDouble());
        }
        if (round >= 0) {
          rate.add(ours, done.path("blobs_per_s").asDouble());
          cpu.add(ours, used * 1e6 / SMALL_FILES);
        }
      }
    }
    close(sides);
  }

  private void gateway() throws IOException, InterruptedException {
    Path file = work.resolve("race/large.bin");
    Files.createDirectories(work.resolve("race"));
    writeRandom(file, BIG_BYTES, 1);
    Figures rate =
        figures("cached 1 GiB over the gateway", "MiB/s", true)
            .against("nginx, sendfile")
            .target(0.8, 1);
    try (GatewayRace race = new GatewayRace(work, launcher, peer, List.of(file))) {
      for (int round = -1; round < ROUNDS; round++) {
        for (boolean ours : new boolean[] {true, false}) {
          double mib = race.large(ours);
          progress(ours ? "gateway" : "nginx", round, mib + " MiB/s");
          if (round >= 0) {
            rate.add(ours, mib);
          }
        }
      }
    }
  }

  private void gatewaySmall() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve("race-small"));
    List<Path> files = smallFiles(folder, 1000);
    Figures rate =
        figures(files.size() + " cached small files over the gateway", "requests/s", true)
            .against("nginx, one worker")
            .target(0.5, 1);
    try (GatewayRace race = new GatewayRace(work, launcher, peer, List.of(folder))) {
      for (int round = -SMALL_WARM_UP_ROUNDS; round < ROUNDS; round++) {
        for (boolean ours : new boolean[] {true, false}) {
          double requests = race.small(ours);
          progress(ours ? "gateway" : "nginx", round, requests + " requests/s");
          if (round >= 0) {
            rate.add(ours, requests);
          }
        }
      }
    }
  }

  /** Log-normal sizes with a mean of 84 KB, as in the peers' baseline. */
  static List<Path> smallFiles(Path folder, long seed) throws IOException {
    Random random = new Random(2);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < SMALL_FILES; i++) {
      long size = (long) Math.min(4_000_000, Math.exp(10.7 + 1.13 * random.nextGaussian()));
      Path file = folder.resolve("f" + i + ".bin");
      writeRandom(file, size, seed + i);
      files.add(file);
    }
    return files;
  }

  private void connect() throws IOException, InterruptedException {
    List<Side> sides = sidesWithSmallFile("connect");
    Figures p50 = figures("new connection, sequential, p50", "ms", false).target(1.2, 1.0);
    Figures cpu = figures("accepting a connection", "CPU-ms", false).target(1.0, 1 / 1.3);
    int connections = 500;
    for (int round = -1; round < ROUNDS; round++) {
      for (Side side : sides) {
        double before = side.program().cpuSeconds();
        JsonNode connected = many(side, connections, 0, "connected");
        double used = side.program().cpuSeconds() - before;
        double millis =
            connected.path("connect").path("p50_ms").asDouble(connected.path("p50_ms").asDouble());
        progress(side, round, millis + " ms");
        if (round >= 0) {
          p50.add(side == sides.getFirst(), millis);
          cpu.add(side == sides.getFirst(), used * 1000 / connections);
        }
      }
    }
    close(sides);
  }

  private void idle() throws IOException, InterruptedException {
    Figures memory = figures("1,000 idle connections", "KiB each (resident)", false).limit(60, 30);
    int connections = 1000;
    List<Side> sides = sidesWithSmallFile("idle");
    for (Side side : sides) {
      many(side, 100, 0, "connected"); // what is loaded once is not a connection's
      long before = side.program().residentKib();
      Program holder =
          Program.start(
              List.of(
                  peer.toString(),
                  "many",
                  "--addr",
                  side.address(),
                  "--connections",
                  Integer.toString(connections),
                  "--parallel",
                  "8",
                  "--hold",
                  "15"));
      String connected = holder.line();
      long after = side.program().residentKib();
      progress(side, 0, (after - before) / (double) connections + " KiB each; " + connected);
      memory.add(side == sides.getFirst(), (after - before) / (double) connections);
      holder.close();
    }
    close(sides);
  }

  /** A bad network with a round trip of 50 ms, the same seed for both sides of a round. */
  private void throughProxy(String conditions, String... options)
      throws IOException, InterruptedException {
    Path file = work.resolve("proxy.bin");
    writeRandom(file, PROXY_BYTES, 4);
    String name = "through" + options[0];
    Path list = work.resolve(name + ".list");
    List<Side> sides = sides(name, List.of(file), list);
    String hash = hashes(list).getFirst();
    Figures rate = figures("4 MiB through " + conditions, "KiB/s", true);
    for (int round = 0; round < ROUNDS; round++) {
      for (Side side : sides) {
        double kib = fetchThroughProxy(side, hash, 100 + round, options);
        progress(side, round, kib + " KiB/s");
        rate.add(side == sides.getFirst(), kib);
      }
    }
    close(sides);
  }

  private double fetchThroughProxy(Side side, String hash, int seed, String... options)
      throws IOException, InterruptedException {
    String[] target = side.address().split("@", 2);
    List<String> command = new ArrayList<>(List.of(peer.toString(), "proxy", "--to", target[1]));
    command.addAll(List.of("--delay-ms", "25", "--seed", Integer.toString(seed), "--forever"));
    command.addAll(List.of(options));
    try (Program proxy = Program.start(command)) {
      String line = proxy.line();
      if (line == null) {
        throw new IOException("the proxy did not start");
      }
      String through = target[0] + "@" + Program.event(line, "ready").path("addr").asText();
      String output =
          Program.run(List.of(peer.toString(), "get", "--noq", "--addr", through, "--hash", hash));
      return Program.event(output, "done").path("mib_per_s").asDouble() * 1024;
    }
  }

  private List<Side> sidesWithSmallFile(String name) throws IOException, InterruptedException {
    Path file = work.resolve(name + ".bin");
    writeRandom(file, 1000, 3);
    return sides(name, List.of(file), work.resolve(name + ".list"));
  }

  private JsonNode many(Side side, int connections, int holdSeconds, String event)
      throws IOException, InterruptedException {
    return Program.event(
        Program.run(
            List.of(
                peer.toString(),
                "many",
                "--addr",
                side.address(),
                "--connections",
                Integer.toString(connections),
                "--hold",
                Integer.toString(holdSeconds))),
        event);
  }

  private void progress(Side side, int round, String text) {
    progress(side.name(), round, text);
  }

  private void progress(String side, int round, String text) {
    System.err.println((round < 0 ? "warm-up" : "round " + round) + ": " + side + ": " + text);
  }

  private static List<String> hashes(Path list) throws IOException {
    return Files.readAllLines(list).stream().map(line -> line.split(" ", 2)[0]).toList();
  }

  /** What admission takes for a picture. */
  static void writePng(Path file, int size, long seed) throws IOException {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    byte[] head = {
      (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'
    };
    System.arraycopy(head, 0, bytes, 0, head.length);
    Files.write(file, bytes);
  }

  /** Deletes a folder and everything below it. */
  static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  static void writeRandom(Path file, long size, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] buffer = new byte[1 << 16];
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (long left = size; left > 0; left -= buffer.length) {
        random.nextBytes(buffer);
        stream.write(buffer, 0, (int) Math.min(left, buffer.length));
      }
    }
  }
}
