package org.veilor.seed.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One figure of both sides over interleaved rounds. */
final class Figures {
  private final String what;
  private final String unit;
  private final boolean higherIsBetter;
  private final List<Double> ours = new ArrayList<>();
  private final List<Double> theirs = new ArrayList<>();

  Figures(String what, String unit, boolean higherIsBetter) {
    this.what = what;
    this.unit = unit;
    this.higherIsBetter = higherIsBetter;
  }

  void add(boolean isOurs, double value) {
    (isOurs ? ours : theirs).add(value);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static String spread(List<Double> values) {
    double min = values.stream().mapToDouble(v -> v).min().orElseThrow();
    double max = values.stream().mapToDouble(v -> v).max().orElseThrow();
    return String.format(Locale.ROOT, "%.3g (%.3g–%.3g)", median(values), min, max);
  }

  /** A row of a Markdown table. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s, %s (%s is better) | %s | %s | %.2f |",
        what,
        unit,
        higherIsBetter ? "more" : "less",
        spread(ours),
        spread(theirs),
        median(ours) / median(theirs));
  }
}
