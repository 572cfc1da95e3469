package org.veilor.seed.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Keeps what a run measures in {@code benchmarks.json}, {@code benchmarks.svg} and the tables of
 * {@code benchmarks.md}, and says at the end what is worse than in an earlier report.
 */
final class Keeper {
  private static final String NAME = "benchmarks";

  private final Path folder;
  private final Result.Run run;
  private final Report report;
  private final Report before;
  private final Report mine = new Report();

  private Keeper(Path folder, Result.Run run, Report report, Report before) {
    this.folder = folder;
    this.run = run;
    this.report = report;
    this.before = before;
  }

  /**
   * Begins a run on this machine.
   *
   * @param folder where an earlier run may have left its report
   * @param before JSON file to compare with; empty for none
   */
  static Keeper of(Path folder, String before) throws IOException {
    if (!before.isEmpty() && !Files.exists(Path.of(before))) {
      throw new IOException("there is no report to compare with: " + before);
    }
    return new Keeper(
        folder,
        thisMachine(),
        Report.read(folder.resolve(NAME + ".json")),
        before.isEmpty() ? new Report() : Report.read(Path.of(before)));
  }

  private static Result.Run thisMachine() throws IOException {
    String cpu = "unknown CPU";
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        cpu = line.substring(line.indexOf(':') + 1).trim();
      }
    }
    String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[1];
    return new Result.Run(
        LocalDate.now(ZoneOffset.UTC).toString(),
        cpu,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.version"),
        System.getProperty("java.runtime.version"),
        Double.parseDouble(load));
  }

  /** Writes down what was measured up to now. */
  void keep(List<Figures> figures) throws IOException {
    for (Figures each : figures) {
      each.result(run)
          .ifPresent(result -> {
            mine.put(result);
            report.put(result);
          });
    }
    report.write(folder.resolve(NAME + ".json"));
    report.writeInto(folder.resolve(NAME + ".md"));
    Files.writeString(folder.resolve(NAME + ".svg"), Plot.svg(report.results()));
  }

  /**
   * Prints the figures of this run.
   *
   * @throws IOException if something is worse than before, with what that is
   */
  void finish(PrintStream out) throws IOException {
    out.println(mine.tables());
    List<String> worse = mine.regressionsSince(before);
    if (!worse.isEmpty()) {
      throw new IOException("worse than before:\n" + String.join("\n", worse));
    }
  }
}
