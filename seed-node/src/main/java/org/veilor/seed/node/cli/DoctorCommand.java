package org.veilor.seed.node.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code doctor}: looks at this machine and names cures. */
@Command(
    name = "doctor",
    description = {
      "Checks configuration, folders, inotify, disk, JVM, kernel, ports and clock.",
      "Each finding that is not fine comes with its cure. Run it as the user of the daemon."
    })
final class DoctorCommand extends BaseCommand {
  @Mixin private ConfigSource source = new ConfigSource();

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Override
  public Integer call() {
    Examination examination = new Examination(state());
    examination.examine(readConfig(examination));
    List<Examination.Finding> findings = examination.findings();
    if (json) {
      try (JsonList list = new JsonList()) {
        for (Examination.Finding finding : findings) {
          list.add(
              JSON.createObjectNode()
                  .put("check", finding.check())
                  .put("level", finding.level().name().toLowerCase(java.util.Locale.ROOT))
                  .put("finding", finding.what())
                  .put("cure", finding.cure()));
        }
      }
    } else {
      for (Examination.Finding finding : findings) {
        out().printf("%-4s  %-10s %s%n", finding.level(), finding.check(), finding.what());
        if (!finding.cure().isEmpty()) {
          out().printf("%-4s  %-10s -> %s%n", "", "", finding.cure());
        }
      }
    }
    boolean failed = findings.stream().anyMatch(f -> f.level() == Examination.Level.BAD);
    return failed ? CliException.FAILED : 0;
  }

  private @Nullable Config readConfig(Examination examination) {
    try {
      Config config = source.read(main().environment());
      examination.fine("config", "it is valid, with " + config.services().size() + " services");
      return config;
    } catch (ConfigException e) {
      e.problems()
          .forEach(problem ->
              examination.bad("config", problem.sentence(), "correct it; 'config check' tests it"));
      return null;
    }
  }
}
