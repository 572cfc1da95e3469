package org.veilor.seed.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long short commands and the daemon take until they have done what they were started for. */
final class StartUp {
  private static final long IDLE_MILLIS = 20_000;

  /** After its start a daemon compiles the vector engine on one of the cores. */
  private static final long SETTLED_MILLIS = 10_000;

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final int rounds;

  StartUp(Compare compare, Path work, Path launcher, int rounds) {
    this.compare = compare;
    this.work = work.resolve("start");
    this.launcher = launcher;
    this.rounds = rounds;
  }

  /**
   * Measures.
   *
   * @param folder of files that the daemon knows before it is measured
   * @param files how many these are
   */
  void run(Path folder, int files) throws IOException, InterruptedException {
    Figures version = compare.figures("veilor-seed --version", "s", false).limit(0.25, 0.12);
    Figures status = compare.figures("veilor-seed status", "s", false).limit(0.4, 0.25);
    Figures ready =
        compare
            .figures("run until READY with " + files + " known files", "s", false)
            .limit(1.5, 0.8);
    Figures memory = compare.figures("resident memory, idle", "MiB", false).limit(200, 120);
    Files.createDirectories(work);
    try (Program _ = started()) {
      Program.run(
          List.of(launcher.toString(), "add", "--raw", "--state", state(), folder.toString()));
    }
    for (int round = -1; round < rounds; round++) {
      long begun = System.nanoTime();
      try (Program daemon = started()) {
        double readySeconds = (System.nanoTime() - begun) / 1e9;
        Thread.sleep(SETTLED_MILLIS);
        double versionSeconds = timed("--version");
        double statusSeconds = timed("status", "--state", state());
        if (round >= 0) {
          ready.add(true, readySeconds);
          version.add(true, versionSeconds);
          status.add(true, statusSeconds);
        }
        if (round == rounds - 1) {
          Thread.sleep(IDLE_MILLIS);
          memory.add(true, daemon.residentKib() / 1024.0);
        }
      }
    }
  }

  private Program started() throws IOException {
    return Daemons.start(launcher, work.resolve("state"));
  }

  private String state() {
    return work.resolve("state").toString();
  }

  private double timed(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(words));
    return Timed.run(command).seconds();
  }
}
