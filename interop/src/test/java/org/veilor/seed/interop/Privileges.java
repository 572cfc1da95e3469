package org.veilor.seed.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Commands that a daemon is started with, so that it has fewer rights or other mounts and limits
 * than the tests. They work for root and for the root of an unprivileged user namespace.
 */
final class Privileges {
  private Privileges() {}

  /**
   * A process without any capability, for which the rights of files count as for every ordinary
   * user, although it keeps the user id of the tests (whose class path others may not read).
   */
  static List<String> none() {
    return List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
  }

  /**
   * A process with mounts of its own.
   *
   * @param script shell commands that mount; {@code $1}, {@code $2}, … are {@code paths}
   */
  static List<String> withMounts(String script, Path... paths) {
    List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-ec"));
    command.add(script + "; shift " + paths.length + "; exec \"$@\"");
    command.add("sh");
    for (Path path : paths) {
      command.add(path.toString());
    }
    return command;
  }

  /** A process whose user may have so many inotify watches. */
  static List<String> withInotifyWatches(int watches) {
    return List.of(
        "unshare",
        "-Ur",
        "sh",
        "-ec",
        "echo " + watches + " > /proc/sys/user/max_inotify_watches; exec \"$@\"",
        "sh");
  }

  /** Runs a command among the mounts of a daemon. */
  static Child.Finished among(Daemon daemon, Object... command) {
    List<String> all =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(daemon.child().pid()), "-m", "--"));
    for (Object each : command) {
      all.add(each.toString());
    }
    try (Child child = Child.start(Path.of("/"), Map.of(), all)) {
      return child.finish(Duration.ofSeconds(10));
    }
  }

  /** Where a daemon with mounts of its own sees {@code path}. */
  static Path seenBy(Daemon daemon, Path path) {
    return Path.of("/proc/" + daemon.child().pid() + "/root" + path);
  }

  /** Gives a file or folder rights like {@code rwxr-x---}. */
  static void chmod(Path path, String rights) {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
