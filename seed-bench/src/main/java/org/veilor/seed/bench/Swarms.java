package org.veilor.seed.bench;

import java.io.IOException;
import java.util.List;

/** What several processes take together. */
final class Swarms {
  private static final int QUIET_TRIES = 24;
  private static final int QUIET_MILLIS = 5000;

  /** Of a core, for each process. */
  private static final double QUIET_SHARE = 0.005;

  private Swarms() {}

  /** CPU seconds that all of them have used. */
  static double cpuSeconds(List<Program> programs) throws IOException {
    double seconds = 0;
    for (Program program : programs) {
      seconds += program.cpuSeconds();
    }
    return seconds;
  }

  /** Until the compilers have done what they were given to do, or two minutes have passed. */
  static void awaitQuiet(List<Program> programs) throws IOException, InterruptedException {
    double before = cpuSeconds(programs);
    for (int i = 0; i < QUIET_TRIES; i++) {
      Thread.sleep(QUIET_MILLIS);
      double now = cpuSeconds(programs);
      if (now - before < QUIET_SHARE * programs.size() * QUIET_MILLIS / 1000) {
        return;
      }
      before = now;
    }
    System.err.println("the swarm did not become quiet");
  }
}
