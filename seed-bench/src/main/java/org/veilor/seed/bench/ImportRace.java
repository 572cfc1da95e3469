package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;

/**
 * Small files imported in place: by a daemon that has just started, by the same daemon once more
 * (other files of the same kind), and by {@code iroh-blobs} with as many files at once as serve it
 * best. Ours are durable then, and have a SHA-256 digest and a collection besides.
 */
final class ImportRace {
  private static final List<Integer> JOBS = List.of(2, 4, 8, 16, 32);

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final Path peer;
  private final int rounds;

  ImportRace(Compare compare, Path work, Path launcher, Path peer, int rounds) {
    this.compare = compare;
    this.work = work.resolve("import");
    this.launcher = launcher;
    this.peer = peer;
    this.rounds = rounds;
  }

  private record Imported(double seconds, double cpuSeconds) {}

  void run() throws IOException, InterruptedException, ControlException {
    Path files = Files.createDirectories(work.resolve("files"));
    int count = Compare.smallFiles(files, 1000).size();
    Path others = Files.createDirectories(work.resolve("others"));
    var _ = Compare.smallFiles(others, 1_000_000);
    int jobs = bestJobs(files);
    String theirs = Figures.USUAL_PEER + ", " + jobs + " at once";
    String what = count + " files (mean 84 KB) imported in place";
    Figures rate = compare.figures(what, "files/s", true).against(theirs).target(1, 2);
    Figures cpu = compare.figures(what, "CPU-ms per 1,000", false).against(theirs);
    Figures first =
        compare.figures(what + ", by a daemon just started", "files/s", true).against(theirs);
    for (int round = 0; round < rounds; round++) {
      Path state = work.resolve("ours" + round);
      try (Program daemon = Daemons.start(launcher, state)) {
        Imported cold = ours(daemon, state, files);
        Swarms.awaitQuiet(List.of(daemon));
        Imported warm = ours(daemon, state, others);
        first.add(true, count / cold.seconds);
        rate.add(true, count / warm.seconds);
        cpu.add(true, warm.cpuSeconds * 1e6 / count);
        System.err.println("round " + round + ": ours, first " + cold + ", then " + warm);
      }
      Compare.delete(state);
      Imported other = rust(files, jobs);
      first.add(false, count / other.seconds);
      rate.add(false, count / other.seconds);
      cpu.add(false, other.cpuSeconds * 1e6 / count);
      System.err.println("round " + round + ": iroh-blobs " + other);
    }
    Compare.delete(work);
  }

  private int bestJobs(Path files) throws IOException {
    int best = 0;
    double bestSeconds = Double.MAX_VALUE;
    for (int jobs : JOBS) {
      double seconds = rust(files, jobs).seconds;
      System.err.println("iroh-blobs, " + jobs + " at once: " + seconds + " s");
      if (seconds < bestSeconds) {
        best = jobs;
        bestSeconds = seconds;
      }
    }
    return best;
  }

  private static Imported ours(Program daemon, Path state, Path files)
      throws IOException, ControlException {
    double cpu = daemon.cpuSeconds();
    long begun = System.nanoTime();
    ObjectNode body = new ObjectMapper().createObjectNode();
    body.putArray("paths").add(files.toString());
    List<String> failures = new ArrayList<>();
    new ControlClient(state.resolve("control.sock"))
        .lines(
            "POST",
            "/add",
            Map.of(),
            body,
            line -> {
              String event = line.path("event").asText();
              if (!event.equals("progress") && !event.equals("added")) {
                failures.add(line.toString());
              }
            });
    if (!failures.isEmpty()) {
      throw new IOException("not everything was imported: " + failures.getFirst());
    }
    return new Imported((System.nanoTime() - begun) / 1e9, daemon.cpuSeconds() - cpu);
  }

  private Imported rust(Path files, int jobs) throws IOException {
    Path store = work.resolve("rust");
    try (Program program =
        Program.start(
            List.of(
                peer.toString(),
                "provide",
                "--store",
                "fs",
                "--dir",
                store.toString(),
                "--each",
                "--jobs",
                Integer.toString(jobs),
                "--forever",
                files.toString()))) {
      String line = program.line();
      if (line == null) {
        throw new IOException("the Rust provider did not start");
      }
      var ready = Program.event(line, "ready");
      return new Imported(
          ready.path("import_seconds").asDouble(), ready.path("cpu_seconds").asDouble());
    } finally {
      Compare.delete(store);
    }
  }
}
