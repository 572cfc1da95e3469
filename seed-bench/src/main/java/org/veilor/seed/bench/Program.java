package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that this run started; it ends with it. */
final class Program implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Clock ticks a second in /proc: 100 on every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final BufferedReader output;

  private Program(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static Program start(List<String> command) throws IOException {
    return start(new ProcessBuilder(command));
  }

  private static Program start(ProcessBuilder builder) throws IOException {
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Program program = new Program(builder.start());
    Runtime.getRuntime().addShutdownHook(new Thread(program.process::destroyForcibly));
    return program;
  }

  /** Runs to the end and returns what it printed; a failure is an exception with that text. */
  static String run(List<String> command) throws IOException, InterruptedException {
    return run(new ProcessBuilder(command));
  }

  /** The same in another folder. */
  static String runIn(Path folder, List<String> command) throws IOException, InterruptedException {
    return run(new ProcessBuilder(command).directory(folder.toFile()));
  }

  private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    try (Program program = start(builder)) {
      StringBuilder text = new StringBuilder();
      for (String line = program.line(); line != null; line = program.line()) {
        text.append(line).append('\n');
      }
      if (program.process.waitFor() != 0) {
        throw new IOException(String.join(" ", builder.command()) + " failed: " + text);
      }
      return text.toString();
    }
  }

  /** The last line with this event of a peer's output. */
  static JsonNode event(String output, String name) throws IOException {
    JsonNode found = null;
    for (String line : output.lines().toList()) {
      JsonNode node = JSON.readTree(line);
      if (node.path("event").asText().equals(name)) {
        found = node;
      }
    }
    if (found == null) {
      throw new IOException("no " + name + " in " + output);
    }
    return found;
  }

  static JsonNode json(String line) throws IOException {
    return JSON.readTree(line);
  }

  /** Writes a line to its input. */
  void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  @Nullable String line() throws IOException {
    return output.readLine();
  }

  long pid() {
    return process.pid();
  }

  /** CPU seconds, user and system, that the process has used. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory, KiB. */
  long residentKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
