package org.veilor.seed.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
  private static final Result.Run RUN =
      new Result.Run("2026-11-22", "a CPU", 2, "6.18", "25.0.3", 0.5);

  private static Result rate(double... ours) {
    Figures figures = new Figures("rate", "MiB/s", true).against("a peer").target(0.9, 1.05);
    for (double each : ours) {
      figures.add(true, each);
      figures.add(false, 100);
    }
    return figures.result(RUN).orElseThrow();
  }

  private static Result alone(String what, double ours) {
    Figures figures = new Figures(what, "s", false).limit(2, 1);
    figures.add(true, ours);
    return figures.result(RUN).orElseThrow();
  }

  @Test
  void aRowTellsTheMedianTheSpreadAndTheTarget() {
    assertThat(rate(80, 95, 99).row())
        .isEqualTo(
            "| rate, MiB/s (more is better) | 95 (80–99) | a peer: 100 (100–100) | 0.95"
                + " | must 0.9: met; aim 1.05: missed |");
    assertThat(alone("start", 2.5).row())
        .isEqualTo(
            "| start, s (less is better) | 2.5 | – | – | must 2: **missed**; aim 1: missed |");
  }

  @Test
  void numbersHaveThreeDigitsThatCount() {
    assertThat(List.of(0.0, 0.012345, 1.0, 1.256, 99.96, 12345.6, 1e9).stream().map(Result::plain))
        .containsExactly("0", "0.0123", "1", "1.26", "100", "12,346", "1,000,000,000");
  }

  @Test
  void theFileGivesBackWhatWasWritten(@TempDir Path folder) throws IOException {
    Report report = new Report();
    report.put(rate(1, 2, 3));
    report.put(alone("start", 1));
    Path json = folder.resolve("report.json");
    report.write(json);
    assertThat(Report.read(json).results()).isEqualTo(report.results());
    assertThat(Report.read(folder.resolve("absent")).results()).isEmpty();
  }

  @Test
  void aLaterRunReplacesItsOwnFiguresOnly() {
    Report report = new Report();
    report.put(alone("start", 1));
    report.put(alone("stop", 1));
    report.put(alone("start", 3));
    assertThat(report.results()).containsExactly(alone("start", 3), alone("stop", 1));
    Figures cpu = new Figures("start", "CPU-s", false);
    cpu.add(true, 9);
    report.put(cpu.result(RUN).orElseThrow());
    assertThat(report.results()).as("another unit is another figure").hasSize(3);
  }

  @Test
  void theTablesAreWrittenBetweenTheirMarks(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("figures.md");
    Files.writeString(
        file,
        "before\n<!-- written by make bench: begin -->\nold\n<!-- written by make bench: end -->\nafter\n");
    Report report = new Report();
    report.put(alone("start", 1));
    report.writeInto(file);
    assertThat(Files.readString(file))
        .startsWith("before\n")
        .endsWith("after\n")
        .contains("| start, s (less is better) | 1 |")
        .doesNotContain("old");
    Files.writeString(file, "no place");
    assertThatThrownBy(() -> report.writeInto(file)).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsWorseThanAllRoundsOfBeforeByATenthIsARegression() {
    assertThat(rate(80, 85, 90).regression(rate(98, 100, 102))).contains("rate", "18 % worse");
    assertThat(rate(80, 85, 90).regression(rate(84, 100, 102))).isNull(); // within its spread
    assertThat(rate(93, 95, 96).regression(rate(98, 100, 102))).isNull(); // not a tenth
    assertThat(rate(120, 130, 140).regression(rate(98, 100, 102))).isNull();
    assertThat(alone("start", 1.2).regression(alone("start", 1))).contains("20 % worse");
    Report now = new Report();
    now.put(alone("start", 1.2));
    now.put(alone("new", 9));
    Report before = new Report();
    before.put(alone("start", 1));
    assertThat(now.regressionsSince(before)).hasSize(1);
    assertThat(before.regressionsSince(now)).isEmpty();
  }

  @Test
  void aSlowerMachineIsNoRegression() {
    Figures slow = new Figures("rate", "MiB/s", true).against("a peer");
    slow.add(true, 50);
    slow.add(false, 50);
    assertThat(slow.result(RUN).orElseThrow().regression(rate(98, 100, 102))).isNull();
  }

  @Test
  void aPlotHasABarForEachPeer() {
    String svg = Plot.svg(List.of(rate(50), alone("start", 1)));
    assertThat(svg).contains(">rate</text>", ">0.5</text>").doesNotContain("start");
  }
}
