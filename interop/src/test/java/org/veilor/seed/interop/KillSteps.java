package org.veilor.seed.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The steps of a daemon that outlive it: what it writes, syncs, renames and deletes below its state
 * folder, and its datagrams. They are noted, and the process can be killed right before one of
 * them. {@code kill-steps.c} does it, from inside the process.
 *
 * <p>A step is a line, for instance {@code rename policy.journal} or {@code send}; patterns are
 * those of a shell, and {@code *} matches {@code /}, too.
 */
final class KillSteps {
  /** A moment: right before a step that matches, after so many that matched another pattern. */
  record Point(String after, int times, String before) {
    /** Right before the n-th step that matches; the first is 1. */
    static Point before(String pattern, int n) {
      return new Point(pattern, n - 1, pattern);
    }
  }

  private static final int BYTES = 4096;
  private static final int PATTERNS_AT = 8;

  private final Path control;
  private final Path state;

  /** For the daemon on this state folder; the file is made, and a log beside it. */
  KillSteps(Path control, Path state) {
    this.control = control.toAbsolutePath();
    this.state = state.toAbsolutePath();
    write(new Point("", 0, ""), false);
  }

  /** Compiled once a JVM. */
  private static final class Library {
    static final Path PATH = compile();

    private static Path compile() {
      Path library = Path.of("target", "kill-steps.so").toAbsolutePath();
      List<String> command =
          List.of(
              "cc",
              "-O2",
              "-Wall",
              "-Wextra",
              "-Werror",
              "-shared",
              "-fPIC",
              "-o",
              library.toString(),
              Path.of("kill-steps.c").toAbsolutePath().toString());
      Child.start(Path.of("/"), Map.of(), command).finish(Duration.ofMinutes(1)).expectExit(0);
      return library;
    }
  }

  /** What the daemon is to be started with. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", Library.PATH.toString(),
        "KILL_CONTROL", control.toString(),
        "KILL_STATE", state.toString());
  }

  /** Notes the steps from now on. */
  void note() {
    write(new Point("", 0, ""), true);
  }

  /** Notes the steps from now on, and kills the daemon at the given moment. */
  void killAt(Point point) {
    write(point, true);
  }

  /** Neither notes nor kills. */
  void stop() {
    write(new Point("", 0, ""), false);
  }

  /** What was noted since it was told to; the last one begins with {@code KILL} if it was it. */
  List<String> steps() {
    try {
      return Files.readAllLines(log()).stream().map(String::strip).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it was this that killed the daemon. */
  boolean killed() {
    List<String> steps = steps();
    return !steps.isEmpty() && steps.getLast().startsWith("KILL ");
  }

  private Path log() {
    return control.resolveSibling(control.getFileName() + ".log");
  }

  private void write(Point point, boolean on) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.position(PATTERNS_AT);
    for (String each : List.of(point.after(), Integer.toString(point.times()), point.before())) {
      bytes.put(each.getBytes(UTF_8)).put((byte) 0);
    }
    try (FileChannel channel = FileChannel.open(control, CREATE, WRITE)) {
      put(channel, 0, ByteBuffer.wrap(new byte[1]));
      put(channel, 1, bytes.rewind().slice(1, BYTES - 1));
      if (on) {
        Files.write(log(), new byte[0]);
        put(channel, 0, ByteBuffer.wrap(new byte[] {'1'}));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(FileChannel channel, int at, ByteBuffer bytes) throws IOException {
    int from = at;
    while (bytes.hasRemaining()) {
      from += channel.write(bytes, from);
    }
  }
}
