package org.veilor.seed.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one figure, as it is kept in the report.
 *
 * @param what its name, by which, with the unit, runs are compared
 * @param peer who the other side is
 * @param target null if none is set
 * @param ours a value for each round
 * @param theirs empty if there is no other side
 */
record Result(
    String what,
    String unit,
    boolean higherIsBetter,
    String peer,
    Figures.@Nullable Target target,
    List<Double> ours,
    List<Double> theirs,
    Run run) {
  /**
   * How much worse a median may be where the rounds spread less: machines differ from day to day.
   */
  private static final double NOISE = 0.10;

  /**
   * When and where it was measured.
   *
   * @param date of the calendar, UTC
   * @param load the machine's load average of 5 minutes before the run
   */
  record Run(String date, String cpu, int cores, String kernel, String java, double load) {}

  Result {
    ours = List.copyOf(ours);
    theirs = List.copyOf(theirs);
  }

  boolean hasPeer() {
    return !theirs.isEmpty();
  }

  /** Ours divided by theirs, of the medians. */
  double ratio() {
    return Figures.median(ours) / Figures.median(theirs);
  }

  /** What the target speaks of. */
  private double judged(Figures.Target of) {
    return of.isRatio() ? ratio() : Figures.median(ours);
  }

  private boolean reaches(double value, double bound) {
    return higherIsBetter ? value >= bound : value <= bound;
  }

  /** {@code must 0.9: met; aim 1.05: missed}; empty without a target. */
  String verdict() {
    if (target == null || (target.isRatio() && !hasPeer())) {
      return "–";
    }
    double value = judged(target);
    return String.format(
        Locale.ROOT,
        "must %s: %s; aim %s: %s",
        plain(target.must()),
        reaches(value, target.must()) ? "met" : "**missed**",
        plain(target.aim()),
        reaches(value, target.aim()) ? "met" : "missed");
  }

  /** A row of a Markdown table. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s, %s (%s is better) | %s | %s | %s | %s |",
        what,
        unit,
        higherIsBetter ? "more" : "less",
        spread(ours),
        hasPeer() ? peer + ": " + spread(theirs) : "–",
        hasPeer() ? String.format(Locale.ROOT, "%.2f", ratio()) : "–",
        verdict());
  }

  private static String spread(List<Double> values) {
    double min = values.stream().mapToDouble(v -> v).min().orElseThrow();
    double max = values.stream().mapToDouble(v -> v).max().orElseThrow();
    String median = plain(Figures.median(values));
    return values.size() == 1 ? median : median + " (" + plain(min) + "–" + plain(max) + ")";
  }

  /** Three digits that count, without an exponent. */
  static String plain(double value) {
    int decimals =
        value == 0 ? 0 : Math.clamp(2 - (long) Math.floor(Math.log10(Math.abs(value))), 0, 6);
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  /**
   * How this is worse than before beyond the noise; null if it is not. With a peer, what counts is
   * the ratio to it, so that a slower machine is no regression: each round's value is divided by
   * the peer's median of its run. It is worse if its median is worse by a tenth and also worse than
   * all rounds of before.
   */
  @Nullable String regression(Result before) {
    List<Double> now = relative(hasPeer() && before.hasPeer());
    List<Double> then = before.relative(hasPeer() && before.hasPeer());
    double median = Figures.median(now);
    double medianBefore = Figures.median(then);
    double worse = higherIsBetter ? medianBefore / median : median / medianBefore;
    boolean beyondSpread = then.stream().noneMatch(value -> reaches(median, value));
    return worse > 1 + NOISE && beyondSpread
        ? String.format(
            Locale.ROOT,
            "%s: %s %s, before %s (%.0f %% worse)",
            what,
            plain(median),
            hasPeer() && before.hasPeer() ? "of " + peer : unit,
            plain(medianBefore),
            100 * (worse - 1))
        : null;
  }

  private List<Double> relative(boolean toPeer) {
    double by = toPeer ? Figures.median(theirs) : 1;
    return ours.stream().map(value -> value / by).toList();
  }
}
