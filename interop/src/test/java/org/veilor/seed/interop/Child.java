package org.veilor.seed.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A child process whose stdout is read line by line against deadlines. Whatever goes wrong is an
 * {@link AssertionError} that shows the command and the last lines of both outputs.
 *
 * <p>No child outlives the test JVM: a shutdown hook kills by process id what is left.
 */
final class Child implements AutoCloseable {
  private static final int KEPT_LINES = 200;
  private static final Set<Process> LIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> LIVE.forEach(Process::destroyForcibly), "child-reaper"));
  }

  /** Exit code and complete stdout of a child that ended; the last lines of its stderr. */
  record Finished(String command, int exit, List<String> stdout, String stderr) {
    /** This, after checking that the exit code is as expected. */
    Finished expectExit(int expected) {
      if (exit != expected) {
        throw new AssertionError(
            "exit %d instead of %d: %s%n%s%n%s"
                .formatted(exit, expected, command, String.join("\n", stdout), stderr));
      }
      return this;
    }
  }

  private final List<String> command;
  private final Process process;
  private final LinkedBlockingQueue<String> unread = new LinkedBlockingQueue<>();
  private final List<String> allLines = new ArrayList<>();
  private final Deque<String> errorLines = new ArrayDeque<>();
  private final Thread outputReader;
  private final Thread errorReader;

  private Child(List<String> command, Process process) {
    this.command = command;
    this.process = process;
    LIVE.add(process);
    var _ = process.onExit().thenAccept(LIVE::remove);
    // Platform threads: a read of a pipe holds the carrier of a virtual one, and with few
    // processors
    // all of them are soon held.
    var reader = Thread.ofPlatform().daemon().name("child-" + process.pid());
    outputReader = reader.start(() -> read(process.getInputStream(), this::onOutput));
    errorReader = reader.start(() -> read(process.getErrorStream(), this::onError));
  }

  /** Starts {@code command} in {@code folder} with some environment variables added. */
  static Child start(Path folder, Map<String, String> environment, List<String> command) {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    try {
      return new Child(List.copyOf(command), builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  private interface LineConsumer {
    void accept(String line);
  }

  private static void read(InputStream stream, LineConsumer consumer) {
    try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line; (line = reader.readLine()) != null; ) {
        consumer.accept(line);
      }
    } catch (IOException e) {
      // The pipe of a killed process; what was read before counts.
      consumer.accept("[stream ended: " + e.getMessage() + "]");
    }
  }

  private synchronized void onOutput(String line) {
    allLines.add(line);
    unread.add(line);
  }

  private void onError(String line) {
    synchronized (errorLines) {
      errorLines.add(line);
      if (errorLines.size() > KEPT_LINES) {
        errorLines.remove();
      }
    }
  }

  /**
   * The next line of stdout.
   *
   * @throws AssertionError if none comes before the deadline or the child ends first
   */
  String nextLine(Deadline deadline) {
    while (true) {
      String line = poll(Math.min(100, deadline.remainingMillis()));
      if (line != null) {
        return line;
      }
      if (!process.isAlive() && !outputReader.isAlive() && unread.isEmpty()) {
        throw new AssertionError("ended with exit code " + process.exitValue() + describe());
      }
      if (deadline.isOver()) {
        throw new AssertionError("no line within " + deadline + describe());
      }
    }
  }

  private @Nullable String poll(long millis) {
    try {
      return unread.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted" + describe(), e);
    }
  }

  /** Waits for the end. */
  Finished finish(Duration limit) {
    Deadline deadline = Deadline.after(limit);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + limit + describe());
      }
      outputReader.join(Duration.ofMillis(deadline.remainingMillis() + 1000));
      errorReader.join(Duration.ofMillis(deadline.remainingMillis() + 1000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted" + describe(), e);
    }
    return new Finished(String.join(" ", command), process.exitValue(), lines(), stderr());
  }

  /** Writes a line to the child's stdin. */
  void writeLine(String line) {
    try {
      OutputStream stdin = process.getOutputStream();
      stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      stdin.flush();
    } catch (IOException e) {
      throw new AssertionError("cannot write '" + line + "'" + describe(), e);
    }
  }

  void closeStdin() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new AssertionError("cannot close stdin" + describe(), e);
    }
  }

  /** SIGTERM, without waiting. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL, and waits until the process is gone. */
  void kill() {
    process.destroyForcibly();
    var _ = finish(Duration.ofSeconds(10));
  }

  /** SIGSTOP: the process stands still and looks vanished to its peers. */
  void pause() {
    signal("STOP");
  }

  /** SIGCONT after {@link #pause}. */
  void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    var kill = List.of("kill", "-" + name, Long.toString(pid()));
    start(Path.of("/"), Map.of(), kill).finish(Duration.ofSeconds(5)).expectExit(0);
  }

  /** SIGTERM, and SIGKILL if that does not help within 10 s. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Resident set in KiB. */
  long rssKib() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new AssertionError("no memory figures" + describe(), e);
    }
    throw new AssertionError("no VmRSS" + describe());
  }

  /** User and system CPU time so far; zero after the end. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  synchronized List<String> lines() {
    return List.copyOf(allLines);
  }

  /** The last lines of stderr. */
  String stderr() {
    synchronized (errorLines) {
      return String.join("\n", errorLines);
    }
  }

  /** The command and what it printed, for messages. */
  String describe() {
    List<String> lines = lines();
    var last = lines.subList(Math.max(0, lines.size() - 20), lines.size());
    return "%n$ %s%nstdout:%n%s%nstderr:%n%s"
        .formatted(String.join(" ", command), String.join("\n", last), stderr());
  }
}
