package org.veilor.seed.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Knows whether somebody looks at the error stream. */
final class Terminal {
  private Terminal() {}

  /** Whether standard error is a terminal, by what the kernel says of descriptor 2. */
  static boolean isStderrTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
