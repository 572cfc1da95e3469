package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.hash.Hash;
import picocli.CommandLine;

/** Each command says what it does, and of bad input in one sentence what is bad. */
final class UsageTest {
  private static final String HASH = "ab".repeat(32);

  @TempDir static Path temp;
  private static DaemonRun daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon = DaemonRun.start(temp.resolve("state"));
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "invite",
        "join",
        "leave",
        "catalogue",
        "forget",
        "deny",
        "allow",
        "pin",
        "unpin",
        "peers",
        "why"
      })
  void helpSaysWhatItDoesWithAnExample(String command) {
    DaemonRun.Result option = daemon.command(command, "--help");
    assertThat(option.exitCode()).isZero();
    assertThat(option.err()).isEmpty();
    List<String> lines = option.out().lines().toList();
    assertThat(lines.getFirst()).startsWith("Usage: veilor-seed " + command + " ");
    assertThat(lines).contains("For instance:");
    assertThat(lines.getLast()).startsWith("  veilor-seed " + command + " ");
    assertThat(lines.getLast().length()).isGreaterThan(("  veilor-seed " + command + " ").length());
    String description = daemon.command("--help").out();
    assertThat(description).containsPattern("(?m)^  " + command + " +[A-Z].*");
    DaemonRun.Result word = daemon.command("help", command);
    assertThat(word.exitCode()).isZero();
    assertThat(word.out()).isEqualTo(option.out());
  }

  @Test
  void everyCommandIsFoundUnderItsName() {
    assertThat(Commands.BY_NAME).hasSizeGreaterThan(20);
    Commands.BY_NAME.forEach((name, command) ->
        assertThat(command.getAnnotation(CommandLine.Command.class).name()).isEqualTo(name));
  }

  @Test
  void theVersionIsTheSameHoweverItIsAskedFor() {
    String version = daemon.command("version").out();
    assertThat(version).startsWith("veilor-seed ");
    assertThat(daemon.command("--version").out()).isEqualTo(version);
    assertThat(daemon.command("-V").out()).isEqualTo(version);
  }

  record Case(int exitCode, String says, List<String> words) {
    @Override
    public String toString() {
      return String.join(" ", words) + " -> " + exitCode;
    }
  }

  private static Case wrong(String says, String... words) {
    return new Case(CliException.USAGE, says, List.of(words));
  }

  private static Case absent(String says, String... words) {
    return new Case(CliException.NOT_FOUND, says, List.of(words));
  }

  static Stream<Case> badInput() {
    List<Case> cases =
        new ArrayList<>(
            List.of(
                wrong("that is no invite", "join", "nonsense"),
                wrong("that is no invite", "join", "--show", "veilorserviceabc"),
                wrong("that is no invite", "join", "veilorservice" + "\u0430".repeat(9)),
                wrong("--entries goes with --json", "catalogue", "x", "--entries"),
                wrong("neither a hash nor a blob ticket", "forget", "x"),
                wrong("days", "forget", "--days", "0", HASH),
                wrong("days", "forget", "--days", "many", HASH),
                wrong("neither a hash nor a blob ticket", "deny", "x"),
                wrong("neither a hash nor a blob ticket", "deny", "blobaaa"),
                wrong("neither a hash nor a blob ticket", "allow", HASH + "0"),
                wrong("neither a blob ticket nor a hash", "pin", "x"),
                wrong("neither a blob ticket nor a hash", "pin", HASH, "blob"),
                wrong("neither a blob ticket nor a hash", "unpin", "x"),
                wrong("Unmatched argument", "peers", "x"),
                wrong("neither /blobs/HASH nor /s/", "why", "http://127.0.0.1/x"),
                wrong("400", "why", "http://127.0.0.1/s/m/../x"),
                wrong("'nonsense'", "help", "nonsense"),
                absent("there is no service 'x'", "invite", "x"),
                absent("in no service 'x'", "leave", "x"),
                absent("'x'", "catalogue", "x"),
                absent("origin", "forget", HASH),
                absent("not pinned", "unpin", HASH),
                new Case(
                    CliException.REFUSED, "empty blob", List.of("deny", Hash.EMPTY_BLOB + ""))));
    for (String command :
        List.of("invite", "join", "leave", "catalogue", "forget", "deny", "allow", "pin", "why")) {
      cases.add(wrong("Missing required parameter", command));
    }
    for (String command :
        List.of("invite", "join", "leave", "catalogue", "forget", "deny", "allow", "pin", "why")) {
      cases.add(wrong("Unknown option: '--nonsense'", command, "x", "--nonsense"));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource
  void badInput(Case each) {
    DaemonRun.Result result = daemon.command(each.words().toArray(String[]::new));
    assertThat(result.err()).startsWith("veilor-seed: ").contains(each.says());
    assertThat(result.err().lines()).as("one sentence").hasSize(1);
    assertThat(result.exitCode()).isEqualTo(each.exitCode());
    assertThat(result.out()).isEmpty();
  }
}
