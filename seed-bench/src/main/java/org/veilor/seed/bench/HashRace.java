package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * BLAKE3 of a file that is in the page cache against {@code b3sum}: in a JVM that is warm, with as
 * many threads as the other has, and process against process.
 */
final class HashRace {
  private static final long GIB = 1L << 30;
  private static final int HUGE_GIB = Integer.getInteger("veilor.bench.huge_gib", 10);
  private static final int WARM_UP_ROUNDS = 10;
  private static final String B3SUM = "b3sum 1.8.7, ";

  /** A way to hash in both programs. */
  private record Way(Figures seconds, Figures cpuSeconds, int threads, List<String> options) {}

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final Path b3sum;
  private final int rounds;

  HashRace(Compare compare, Path work, Path launcher, Path b3sum, int rounds) {
    this.compare = compare;
    this.work = work.resolve("hash");
    this.launcher = launcher;
    this.b3sum = b3sum;
    this.rounds = rounds;
  }

  void run() throws IOException, InterruptedException {
    Path file = Files.createDirectories(work).resolve("1gib.bin");
    Compare.writeRandom(file, GIB, 1);
    warm(file);
    processes("`hash` of 1 GiB as a process", file, 1, 0.25, 0.5);
    Files.delete(file);
    if (HUGE_GIB > 0) {
      Path huge = work.resolve("huge.bin");
      Compare.writeRandom(huge, HUGE_GIB * GIB, 2);
      processes("`hash` of " + HUGE_GIB + " GiB as a process", huge, HUGE_GIB, 0.8, 1);
      Files.delete(huge);
    }
  }

  private Way way(
      String what, int threads, double must, double aim, String peer, String... options) {
    String text = "1 GiB from the page cache, warm, " + what;
    return new Way(
        compare.figures(text, "GiB/s", true).against(B3SUM + peer).target(must, aim),
        compare.figures(text, "CPU-s/GiB", false).against(B3SUM + peer),
        threads,
        List.of(options));
  }

  private void warm(Path file) throws IOException, InterruptedException {
    List<Way> ways =
        List.of(
            way("1 thread, its mmap", 1, 1.2, 1.5, "1 thread mmap", "--num-threads", "1"),
            way(
                "1 thread, its read",
                1,
                0.95,
                1.15,
                "1 thread read",
                "--num-threads",
                "1",
                "--no-mmap"),
            way("2 threads", 2, 1, 1.5, "2 threads", "--num-threads", "2"));
    try (Program ours = Program.start(HashNode.command(file))) {
      String hash = hash(ours, 2).path("hash").asText();
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        var _ = hash(ours, 1 + i % 2);
      }
      for (int round = 0; round < rounds; round++) {
        for (Way way : ways) {
          JsonNode done = hash(ours, way.threads);
          way.seconds.add(true, 1 / done.path("seconds").asDouble());
          way.cpuSeconds.add(true, done.path("cpu_seconds").asDouble());
          List<String> command = new ArrayList<>(List.of(b3sum.toString(), "--no-names"));
          command.addAll(way.options);
          command.add(file.toString());
          Timed theirs = Timed.run(command);
          if (!theirs.output().strip().equals(hash)) {
            throw new IOException("b3sum says " + theirs.output() + ", not " + hash);
          }
          way.seconds.add(false, 1 / theirs.seconds());
          way.cpuSeconds.add(false, theirs.cpuSeconds());
          System.err.println(
              "round "
                  + round
                  + ", "
                  + way.threads
                  + " threads: "
                  + done.path("engine").asText()
                  + " "
                  + done.path("seconds").asDouble()
                  + " s, b3sum "
                  + theirs.seconds()
                  + " s");
        }
      }
    }
  }

  private static JsonNode hash(Program ours, int threads) throws IOException {
    ours.tell(Integer.toString(threads));
    String line = ours.line();
    if (line == null) {
      throw new IOException("HashNode ended");
    }
    return Program.json(line);
  }

  private void processes(String what, Path file, int gib, double must, double aim)
      throws IOException, InterruptedException {
    String peer = B3SUM + "as it starts";
    Figures speed = compare.figures(what, "GiB/s", true).against(peer).target(must, aim);
    Figures cpu = compare.figures(what, "CPU-s", false).against(peer);
    List<String> hash = List.of(launcher.toString(), "hash", file.toString());
    List<String> theirs = List.of(b3sum.toString(), file.toString());
    String expected = Timed.run(theirs).output();
    for (int round = 0; round < rounds; round++) {
      for (boolean ours : new boolean[] {true, false}) {
        Timed done = Timed.run(ours ? hash : theirs);
        if (!done.output().equals(expected)) {
          throw new IOException(done.output() + " is not " + expected);
        }
        speed.add(ours, gib / done.seconds());
        cpu.add(ours, done.cpuSeconds());
        System.err.println(
            "round " + round + ", " + what + ": " + (ours ? "ours" : "b3sum") + " " + done.text());
      }
    }
  }
}
