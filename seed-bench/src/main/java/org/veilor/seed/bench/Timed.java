package org.veilor.seed.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that ran to its end.
 *
 * @param cpuSeconds user and system, also of its own children
 */
record Timed(String output, double seconds, double cpuSeconds) {
  private static final double TICKS_PER_SECOND = 100;

  /** Runs a program; nothing else may end meanwhile that this process started. */
  static Timed run(List<String> command) throws IOException, InterruptedException {
    double cpu = ofChildren();
    long begun = System.nanoTime();
    String output = Program.run(command);
    double seconds = (System.nanoTime() - begun) / 1e9;
    return new Timed(output, seconds, ofChildren() - cpu);
  }

  /** CPU seconds of all children of this process that have ended. */
  private static double ofChildren() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS_PER_SECOND;
  }

  String text() {
    return seconds + " s, " + cpuSeconds + " CPU-s";
  }
}
