package org.veilor.seed.node.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code version}. */
@Command(name = "version", description = "Prints the version of the program and of Java.")
final class VersionCommand extends BaseCommand {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** For {@code --version}. */
  static final class Provider implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {text()};
    }
  }

  static String text() {
    return "veilor-seed "
        + Main.version()
        + " (Java "
        + Runtime.version()
        + ", "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ")";
  }

  @Override
  public Integer call() {
    if (json) {
      printJson(
          JSON.createObjectNode()
              .put("version", Main.version())
              .put("java", Runtime.version().toString())
              .put("os", System.getProperty("os.name"))
              .put("arch", System.getProperty("os.arch")));
    } else {
      out().println(text());
    }
    return 0;
  }
}
