package org.veilor.seed.node.cli;

import java.util.Map;
import java.util.TreeMap;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** {@code completion}: what a shell needs to complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints completions for a shell.",
      "For instance: source <(veilor-seed completion bash)"
    })
final class CompletionCommand extends BaseCommand {
  /** The shells. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    CommandLine program = main().commandLine();
    out()
        .print(
            switch (shell) {
              case BASH -> AutoComplete.bash("veilor-seed", program);
              case ZSH ->
                  "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
                      + AutoComplete.bash("veilor-seed", program);
              case FISH -> fish(program);
            });
    out().flush();
    return 0;
  }

  private static String fish(CommandLine program) {
    StringBuilder out = new StringBuilder("# completions of veilor-seed for fish\n");
    Map<String, CommandLine> commands = new TreeMap<>(program.getSubcommands());
    commands.forEach((name, command) -> {
      out.append("complete -c veilor-seed -n __fish_use_subcommand -f -a ")
          .append(name)
          .append(" -d ")
          .append(quote(first(command.getCommandSpec().usageMessage().description())))
          .append('\n');
      for (OptionSpec option : command.getCommandSpec().options()) {
        String longest = option.longestName();
        if (longest.startsWith("--")) {
          out.append("complete -c veilor-seed -n '__fish_seen_subcommand_from ")
              .append(name)
              .append("' -l ")
              .append(longest.substring(2))
              .append(option.arity().max() > 0 ? " -r" : "")
              .append(" -d ")
              .append(quote(first(option.description())))
              .append('\n');
        }
      }
      command
          .getSubcommands()
          .keySet()
          .forEach(sub ->
              out.append("complete -c veilor-seed -n '__fish_seen_subcommand_from ")
                  .append(name)
                  .append("' -f -a ")
                  .append(sub)
                  .append('\n'));
    });
    return out.toString();
  }

  private static String first(String[] lines) {
    return lines.length == 0 ? "" : lines[0];
  }

  private static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
