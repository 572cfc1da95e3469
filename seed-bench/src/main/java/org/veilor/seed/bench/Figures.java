package org.veilor.seed.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One figure of both sides over interleaved rounds; there need not be another side. */
final class Figures {
  /** Who is beside us where nothing else is said. */
  static final String USUAL_PEER = "iroh-blobs 0.104 FsStore";

  private final String what;
  private final String unit;
  private final boolean higherIsBetter;
  private final List<Double> ours = new ArrayList<>();
  private final List<Double> theirs = new ArrayList<>();
  private String peer = USUAL_PEER;
  private @Nullable Target target;

  /**
   * What is to be reached.
   *
   * @param must decides
   * @param aim is why we are here
   * @param isRatio whether both are ours divided by theirs, or else in the unit of the figure
   */
  record Target(double must, double aim, boolean isRatio) {}

  Figures(String what, String unit, boolean higherIsBetter) {
    this.what = what;
    this.unit = unit;
    this.higherIsBetter = higherIsBetter;
  }

  /** Names the other side, with its version. */
  Figures against(String name) {
    peer = name;
    return this;
  }

  /** What ours divided by theirs has to be. */
  Figures target(double must, double aim) {
    target = new Target(must, aim, true);
    return this;
  }

  /** What ours has to be, whatever theirs is. */
  Figures limit(double must, double aim) {
    target = new Target(must, aim, false);
    return this;
  }

  void add(boolean isOurs, double value) {
    (isOurs ? ours : theirs).add(value);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** What was measured up to now; empty if nothing was. */
  Optional<Result> result(Result.Run run) {
    return ours.isEmpty()
        ? Optional.empty()
        : Optional.of(new Result(what, unit, higherIsBetter, peer, target, ours, theirs, run));
  }
}
