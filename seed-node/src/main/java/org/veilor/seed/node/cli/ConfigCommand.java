package org.veilor.seed.node.cli;

import java.nio.file.Path;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.config.ConfigProblem;
import org.veilor.seed.node.config.ConfigText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code config}: checks, shows, gives an example. */
@Command(
    name = "config",
    description = "Checks the configuration, shows what is in force, prints an example.",
    subcommands = {
      ConfigCommand.Check.class,
      ConfigCommand.Show.class,
      ConfigCommand.Example.class
    },
    synopsisSubcommandLabel = "(check | show | example)")
final class ConfigCommand extends BaseCommand {
  @Override
  public Integer call() throws CliException {
    throw new CliException(
        CliException.USAGE, "'config' needs 'check', 'show' or 'example' behind it");
  }

  /** {@code config check}. */
  @Command(name = "check", description = "Names every mistake with file, line and key.")
  static final class Check extends BaseCommand {
    @Mixin private ConfigSource source = new ConfigSource();

    @Override
    public Integer call() {
      try {
        Config config = source.read(main().environment());
        Path file = source.file(main().environment());
        err()
            .println(
                (file == null ? "the defaults are" : file + " is")
                    + " fine: "
                    + config.services().size()
                    + " services");
        return 0;
      } catch (ConfigException e) {
        for (ConfigProblem problem : e.problems()) {
          err().println("veilor-seed: " + problem.sentence());
        }
        return CliException.USAGE;
      }
    }
  }

  /** {@code config show}. */
  @Command(name = "show", description = "Prints what is in force, as TOML.")
  static final class Show extends BaseCommand {
    @Mixin private ConfigSource source = new ConfigSource();

    @Override
    public Integer call() throws ConfigException {
      out().print(ConfigText.toml(source.read(main().environment())));
      out().flush();
      return 0;
    }
  }

  /** {@code config example}. */
  @Command(name = "example", description = "Prints a commented example.")
  static final class Example extends BaseCommand {
    @Override
    public Integer call() {
      out().print(ConfigText.example());
      out().flush();
      return 0;
    }
  }
}
