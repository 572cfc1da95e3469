package org.veilor.seed.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;

/** Another process that runs a main class of these tests. */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;

  private ChildJvm(Process process) {
    this.process = process;
    this.lines = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts the process.
   *
   * @param nativeFolder holds the library of {@link #unpackLibrary}
   * @param before a command that runs the rest, or nothing
   */
  public static ChildJvm start(
      Path nativeFolder, List<String> before, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.library.path=" + nativeFolder,
            "-cp",
            classPath(),
            main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Everything that this process can load, whether from modules or from the class path. */
  private static String classPath() {
    return Stream.of("java.class.path", "jdk.module.path")
            .map(System::getProperty)
            .filter(Objects::nonNull)
            .collect(Collectors.joining(":"))
        + ":"
        + Path.of("target/test-classes").toAbsolutePath();
  }

  /** Puts the native library of RocksDB into {@code folder}, where an installed program has it. */
  public static Path unpackLibrary(Path folder) throws IOException {
    String name = "librocksdbjni-linux64.so";
    try (InputStream library = RocksDB.class.getResourceAsStream("/" + name)) {
      Files.copy(Objects.requireNonNull(library), Files.createDirectories(folder).resolve(name));
    }
    return folder;
  }

  /** The next line of output, or null at its end. */
  public @Nullable String nextLine() throws IOException {
    return lines.readLine();
  }

  /** All lines of output that are left, until the process ends. */
  public List<String> remainingLines() {
    return lines.lines().toList();
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL: the process does not notice. What it printed before can still be read. */
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  @Override
  public void close() throws IOException {
    kill();
    lines.close();
  }
}
