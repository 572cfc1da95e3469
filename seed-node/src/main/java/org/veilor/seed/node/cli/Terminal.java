package org.veilor.seed.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Knows whether somebody looks at a stream, and how wide the window is. */
final class Terminal {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Terminal() {}

  /** Whether standard error is a terminal, by what the kernel says of descriptor 2. */
  static boolean isStderrTerminal() {
    return isTerminal(STDERR);
  }

  /** Whether standard output is a terminal. */
  static boolean isStdoutTerminal() {
    return isTerminal(STDOUT);
  }

  /** The columns of the terminal that standard output is; 0 where that is not known. */
  static int stdoutColumns() {
    return TerminalBindings.columns(STDOUT);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
