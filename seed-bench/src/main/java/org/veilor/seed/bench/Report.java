package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of the last run of each comparison, whichever run that was: a run of some comparisons
 * replaces theirs and leaves the others, each with its own date and machine.
 */
final class Report {
  private static final String BEGIN = "<!-- written by make bench: begin -->";
  private static final String END = "<!-- written by make bench: end -->";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Result> results = new LinkedHashMap<>();

  /** What the file is made of. */
  private record Content(int version, List<Result> results) {}

  /** Reads what an earlier run has written; nothing if there is no such file. */
  static Report read(Path json) throws IOException {
    Report report = new Report();
    if (Files.exists(json)) {
      Content content = JSON.readValue(json.toFile(), Content.class);
      content.results().forEach(report::put);
    }
    return report;
  }

  void put(Result result) {
    results.put(key(result), result);
  }

  /** Seconds and CPU seconds of one thing are two figures. */
  private static String key(Result result) {
    return result.what() + ", " + result.unit();
  }

  List<Result> results() {
    return List.copyOf(results.values());
  }

  void write(Path json) throws IOException {
    JSON.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), new Content(1, results()));
    Files.writeString(json, Files.readString(json) + "\n");
  }

  /** A Markdown table for each run, in the order in which they were first made. */
  String tables() {
    Map<Result.Run, List<Result>> runs = new LinkedHashMap<>();
    results
        .values()
        .forEach(each -> runs.computeIfAbsent(each.run(), run -> new ArrayList<>()).add(each));
    StringBuilder text = new StringBuilder();
    runs.forEach((run, members) -> {
      text.append('\n')
          .append(run.date())
          .append(", ")
          .append(run.cpu())
          .append(", ")
          .append(run.cores())
          .append(" cores, kernel ")
          .append(run.kernel())
          .append(", Java ")
          .append(run.java())
          .append(", load before the run ")
          .append(Result.plain(run.load()))
          .append(
              ":\n\n| what | veilor-seed | beside it | ratio | target |\n|---|---|---|---|---|\n");
      members.forEach(each -> text.append(each.row()).append('\n'));
    });
    return text.toString();
  }

  /**
   * Puts the tables between the two marks of a Markdown file.
   *
   * @throws IOException if the marks are not there
   */
  void writeInto(Path markdown) throws IOException {
    String text = Files.readString(markdown);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(markdown + " has no place for the tables: " + BEGIN + " … " + END);
    }
    String head = text.substring(0, begin + BEGIN.length());
    Files.writeString(markdown, head + "\n" + tables() + "\n" + text.substring(end));
  }

  /** What is worse here than there, beyond the noise; figures that only one has do not count. */
  List<String> regressionsSince(Report before) {
    List<String> found = new ArrayList<>();
    for (Result now : results.values()) {
      Result then = before.results.get(key(now));
      String worse = then == null ? null : now.regression(then);
      if (worse != null) {
        found.add(worse);
      }
    }
    return found;
  }
}
