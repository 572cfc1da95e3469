package org.veilor.seed.node.cli;

/** A command that ends with an error: one sentence for people, and the exit code. */
final class CliException extends Exception {
  private static final long serialVersionUID = 1L;

  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NO_DAEMON = 3;
  static final int NOT_FOUND = 4;
  static final int REFUSED = 5;

  private final int exitCode;

  CliException(int exitCode, String sentence) {
    super(sentence);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
