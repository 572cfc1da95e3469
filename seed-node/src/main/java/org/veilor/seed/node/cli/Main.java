package org.veilor.seed.node.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.veilor.seed.node.config.ConfigException;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.daemon.NodeException;
import org.veilor.seed.node.daemon.PeerEndpointFactory;
import org.veilor.seed.node.net.IrohPeerEndpoint;
import org.veilor.seed.node.seeding.Reasons;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code veilor-seed}. */
@Command(
    name = "veilor-seed",
    description = "Seeds the static media of self-hosted services over the iroh network.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong usage or configuration",
      "3:no daemon",
      "4:not found",
      "5:refused by policy"
    })
public final class Main {
  /** Commands that speak of the others. */
  private static final Set<String> ABOUT_ALL = Set.of("help", "completion");

  private static final String[] JUST_VERSION = {"--version"};

  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final PeerEndpointFactory endpoints;

  /**
   * Creates the program.
   *
   * @param out where results go
   * @param err where everything else goes
   * @param endpoints opens the network side of {@code run}
   */
  public Main(
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      PeerEndpointFactory endpoints) {
    this.out = out;
    this.err = err;
    this.environment = Map.copyOf(environment);
    this.endpoints = endpoints;
  }

  /** The program itself. */
  public static void main(String[] args) {
    Main main = new Main(System.out, System.err, System.getenv(), IrohPeerEndpoint::open);
    System.exit(main.execute(args));
  }

  /**
   * Runs one command. Only that one is built, since reading all of them by reflection takes longer
   * than most of them run.
   *
   * @return the exit code
   */
  public int execute(String... args) {
    if (Arrays.equals(args, JUST_VERSION)) {
      out.println(VersionCommand.text());
      return 0;
    }
    Class<?> named = args.length == 0 ? null : Commands.BY_NAME.get(args[0]);
    boolean needsAll = named == null || ABOUT_ALL.contains(args[0]);
    return commandLine(needsAll ? Commands.BY_NAME : Map.of(args[0], named)).execute(args);
  }

  /** With all commands. */
  CommandLine commandLine() {
    return commandLine(Commands.BY_NAME);
  }

  private CommandLine commandLine(Map<String, Class<?>> commands) {
    CommandLine line = new CommandLine(this);
    commands.forEach(line::addSubcommand);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(this::wrongUsage);
    line.setExecutionExceptionHandler(this::failed);
    return line;
  }

  private int wrongUsage(CommandLine.ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    err.println("veilor-seed: " + sentence(e.getMessage()) + " (see '" + command + " --help')");
    return CliException.USAGE;
  }

  private int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    err.println("veilor-seed: " + sentence(messageOf(e)));
    if (line.getCommand() instanceof BaseCommand command && command.isVerbose()) {
      e.printStackTrace(err);
    }
    return exitCode(e);
  }

  private static String messageOf(Exception thrown) {
    IOException inside =
        thrown instanceof UncheckedIOException unchecked ? unchecked.getCause() : null;
    Exception e = inside == null ? thrown : inside;
    return switch (e) {
      case java.nio.file.FileSystemException file -> file.getFile() + ": " + Reasons.of(file);
      case CliException _, ConfigException _, NodeException _, ControlException _, IOException _ ->
          String.valueOf(e.getMessage());
      default -> "internal error, please report it: " + e;
    };
  }

  private static int exitCode(Exception e) {
    return switch (e) {
      case CliException cli -> cli.exitCode();
      case ConfigException _ -> CliException.USAGE;
      case ControlClient.NoDaemonException _ -> CliException.NO_DAEMON;
      case ControlException control -> control.kind().exitCode();
      default -> CliException.FAILED;
    };
  }

  private static String sentence(@org.jspecify.annotations.Nullable String text) {
    String one = String.valueOf(text).strip();
    return one.isEmpty() ? "failed" : one;
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  Map<String, String> environment() {
    return environment;
  }

  PeerEndpointFactory endpoints() {
    return endpoints;
  }

  /** The version that the build wrote. */
  static String version() {
    try (InputStream in = Main.class.getResourceAsStream("version.txt")) {
      return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
