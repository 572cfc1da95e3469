package org.veilor.seed.interop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs commands of {@code veilor-seed} from the class path of the tests, as a process each. */
final class Cli {
  private static final String MAIN = "org.veilor.seed.node.cli.Main";

  /** For short lives: half the CPU time until the program is ready, and slower ever after. */
  static final String QUICK = "-XX:TieredStopAtLevel=1";

  /**
   * What the launcher of the distribution gives the JVM, but for the size of the young generation.
   */
  private static final List<String> LAUNCHER_FLAGS =
      List.of(
          "-Xms32m",
          "-Xmx320m",
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+ExitOnOutOfMemoryError");

  private Cli() {}

  /** The command line of a JVM with our program; {@code jvm} are further JVM flags. */
  static List<String> command(List<String> jvm, List<?> arguments) {
    List<String> flags = new ArrayList<>(SharedClasses.flags());
    flags.addAll(jvm);
    return commandWithout(flags, arguments);
  }

  /** The same without the archive of classes, for the one who makes it. */
  static List<String> commandWithout(List<String> jvm, List<?> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    if (!jvm.contains(QUICK)) {
      command.add("--add-modules=jdk.incubator.vector");
    }
    command.addAll(LAUNCHER_FLAGS);
    command.addAll(jvm);
    command.add("-cp");
    command.add(SharedClasses.CLASS_PATH);
    command.add(MAIN);
    arguments.forEach(argument -> command.add(argument.toString()));
    return command;
  }

  /** Runs a command to its end. */
  static Child.Finished run(Path folder, Duration limit, Object... arguments) {
    var command = command(List.of(QUICK), List.of(arguments));
    try (Child child = Child.start(folder, Map.of(), command)) {
      child.closeStdin();
      return child.finish(limit);
    }
  }
}
