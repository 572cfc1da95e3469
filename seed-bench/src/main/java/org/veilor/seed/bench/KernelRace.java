package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * BLAKE3 in memory by one warm thread: our engine, with the outboard, against the C implementation
 * with its assembly and against BouncyCastle, without. Some JVMs one after the other, because what
 * the JIT compiler makes of the kernel differs from one to the next.
 */
final class KernelRace {
  private static final int FORKS = Integer.getInteger("veilor.bench.forks", 3);
  private static final int MIB = 1 << 20;

  /** A size with its targets against C. */
  private record Size(int bytes, String name, double must, double aim) {}

  private static final List<Size> SIZES =
      List.of(
          new Size(1024, "1 KiB", 0.70, 0.80),
          new Size(16 << 10, "16 KiB", 0.75, 0.85),
          new Size(64 << 10, "64 KiB", 0.85, 1.0),
          new Size(MIB, "1 MiB", 0.90, 1.05),
          new Size(64 * MIB, "64 MiB", 0.90, 1.05));

  private final Compare compare;

  KernelRace(Compare compare) {
    this.compare = compare;
  }

  void run() throws IOException, InterruptedException {
    String library = System.getenv().getOrDefault("VEILOR_BLAKE3", "");
    if (library.isEmpty()) {
      System.err.println("no C implementation (seed-bench/build-blake3 says why): it is left out");
    }
    Map<String, List<JsonNode>> rates = new LinkedHashMap<>();
    for (int fork = 0; fork < FORKS; fork++) {
      for (String line : Program.run(command(library)).lines().toList()) {
        JsonNode event = Program.json(line);
        if (event.path("event").asText().equals("rate")) {
          String key = event.path("who").asText() + event.path("size").asInt();
          rates.computeIfAbsent(key, any -> new ArrayList<>()).add(event);
        } else {
          System.err.println("fork " + fork + ": " + line);
        }
      }
    }
    if (!library.isEmpty()) {
      SIZES.forEach(size -> row(rates, "c", "BLAKE3 1.8.7, C and assembly, no outboard", size));
    }
    SIZES.forEach(size -> row(rates, "bouncycastle", "BouncyCastle 1.84, no outboard", size));
  }

  private void row(Map<String, List<JsonNode>> rates, String who, String name, Size size) {
    Figures figures =
        compare
            .figures("BLAKE3 with outboard, " + size.name + ", one thread", "GB/s of CPU", true)
            .against(name);
    if (who.equals("c")) {
      figures.target(size.must, size.aim);
    }
    for (JsonNode event : rates.getOrDefault("ours" + size.bytes, List.of())) {
      figures.add(true, event.path("gbps").asDouble());
    }
    for (JsonNode event : rates.getOrDefault(who + size.bytes, List.of())) {
      figures.add(false, event.path("gbps").asDouble());
    }
  }

  private static List<String> command(String library) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                KernelMeter.class.getName(),
                library));
    SIZES.forEach(size -> command.add(Integer.toString(size.bytes)));
    return command;
  }
}
