package org.veilor.seed.interop;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The class path of the program, and its classes as the JVM keeps them in an archive (class data
 * sharing): hundreds of processes are started here, and each needs a third less of CPU time with
 * it. The archive is made once a run, by a daemon that starts, answers its commands and ends.
 */
final class SharedClasses {
  /** That of the tests without the tests. */
  static final String CLASS_PATH =
      Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(entry -> !entry.contains(Path.of("interop", "target").toString()))
          .collect(Collectors.joining(File.pathSeparator));

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private SharedClasses() {}

  /** Made by whoever needs it first. */
  private static final class Archive {
    static final List<String> FLAGS = make();
  }

  /** What a JVM with {@link #CLASS_PATH} is to be given. */
  static List<String> flags() {
    return Archive.FLAGS;
  }

  private static List<String> make() {
    // Classes in folders, as they are while Maven has not packaged them, cannot be archived.
    if (Arrays.stream(CLASS_PATH.split(File.pathSeparator)).anyMatch(e -> !e.endsWith(".jar"))) {
      return List.of();
    }
    try {
      Path folder = Files.createTempDirectory("shared-classes");
      Path archive = Path.of("target", "veilor-seed.jsa").toAbsolutePath();
      Files.deleteIfExists(archive);
      train(folder, archive);
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
      }
      if (!Files.exists(archive)) {
        throw new AssertionError("the JVM made no archive of its classes at " + archive);
      }
      // Now and then a JVM cannot use the archive and goes without it. That it says so on stdout
      // would look like the program's answer.
      return List.of(
          "-XX:SharedArchiveFile=" + archive, "-Xlog:disable", "-Xlog:all=warning:stderr");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void train(Path folder, Path archive) {
    Path state = folder.resolve("state");
    Path media = TestFiles.png(folder.resolve("media/one.png"), 100_000, 1).getParent();
    List<Object> run =
        List.of(
            "run",
            "--state",
            state,
            "--listen",
            "127.0.0.1:0",
            "--gateway",
            "127.0.0.1:0",
            "--service",
            "media=" + media);
    List<String> flags = List.of("-XX:ArchiveClassesAtExit=" + archive);
    try (Child daemon = Child.start(folder, Map.of(), Cli.commandWithout(flags, run))) {
      Deadline deadline = Deadline.after(LIMIT);
      while (!daemon.nextLine(deadline).startsWith("READY ")) {}
      Path file = TestFiles.random(folder.resolve("added"), 100_000, 2);
      String ticket = command(folder, "add", "--raw", file, "--state", state).getLast();
      command(folder, "status", "--state", state);
      Peers.start("get", "--ticket", ticket, "--rehash").done();
      daemon.terminate();
      daemon.finish(LIMIT);
    }
  }

  private static List<String> command(Path folder, Object... arguments) {
    List<String> command = Cli.commandWithout(List.of(), List.of(arguments));
    try (Child child = Child.start(folder, Map.of(), command)) {
      child.closeStdin();
      return child.finish(LIMIT).expectExit(0).stdout();
    }
  }
}
