package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.hash.SwitchingEngine;
import org.veilor.seed.node.engine.HotSpot;
import org.veilor.seed.store.file.FileHash;

/** Hashes a file as often as lines with a number of threads come in; a process of its own. */
public final class HashNode {
  private static final long BUDGET_NANOS = 60_000_000_000L;

  private HashNode() {}

  static List<String> command(Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        "-Xms96m",
        "-Xmn64m",
        "-Xmx320m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        HashNode.class.getName(),
        file.toString());
  }

  /**
   * Prints a JSON line for each line of standard input.
   *
   * @param args the file
   */
  public static void main(String[] args) throws IOException {
    SubtreeEngine engine = SubtreeEngine.preferred();
    if (engine instanceof SwitchingEngine switching) {
      System.err.println(switching.warmUp(HotSpot.INSTANCE, BUDGET_NANOS));
    }
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      double cpu = processCpuSeconds();
      long begun = System.nanoTime();
      Hash hash = hash(engine, Integer.parseInt(line), Path.of(args[0]));
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.println(
          new ObjectMapper()
              .createObjectNode()
              .put("hash", hash.toString())
              .put("engine", engine.name())
              .put("seconds", seconds)
              .put("cpu_seconds", processCpuSeconds() - cpu));
    }
  }

  private static Hash hash(SubtreeEngine engine, int threads, Path file) throws IOException {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      return new FileHash(engine, pool, _ -> {}).file(file);
    }
  }

  private static double processCpuSeconds() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      return system.getProcessCpuTime() / 1e9;
    }
    throw new IllegalStateException("this Java does not tell the CPU time of its process");
  }
}
