package org.veilor.seed.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.daemon.StateFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has: {@code --state}, {@code --verbose}, {@code --help}, and the streams. */
@Command(mixinStandardHelpOptions = true)
abstract class BaseCommand implements Callable<Integer> {
  /** Stands above the examples of a command's help. */
  static final String EXAMPLE = "%nFor instance:%n";

  static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "State folder of the daemon (or VEILOR_SEED_STATE).")
  private @Nullable Path state;

  @Option(names = "--verbose", description = "Say more; add the trace to an error.")
  private boolean verbose;

  final Main main() {
    if (spec != null && spec.root().userObject() instanceof Main main) {
      return main;
    }
    throw new IllegalStateException("a command outside the program");
  }

  final boolean isVerbose() {
    return verbose;
  }

  final PrintStream out() {
    return main().out();
  }

  final PrintStream err() {
    return main().err();
  }

  final Path state() {
    return StateFolder.find(state, main().environment());
  }

  /** Speaks to the daemon of the state folder. */
  final ControlClient client() {
    return new ControlClient(state().resolve(StateFolder.SOCKET));
  }

  /**
   * Asks for something that takes a while, and shows how it goes.
   *
   * @param verb what the daemon does meanwhile
   * @param json whether the results are printed
   * @return the lines of the answer that are results
   */
  final List<JsonNode> results(String route, ObjectNode body, String verb, boolean json)
      throws IOException, ControlException {
    List<JsonNode> results = new ArrayList<>();
    try (Progress progress = Progress.bytes(verb, 1, err())) {
      client().lines("POST", route, Map.of(), body, line -> take(line, progress, results));
    }
    if (json) {
      try (JsonList list = new JsonList()) {
        results.forEach(list::add);
      }
    }
    return results;
  }

  private void take(JsonNode line, Progress progress, List<JsonNode> results) {
    switch (line.path("event").asText()) {
      case "progress" ->
          progress.at(
              line.path("bytes_done").asLong(),
              line.path("bytes_total").asLong(),
              line.path("files_done").asLong()
                  + "/"
                  + line.path("files_total").asLong()
                  + " files");
      case "skipped" ->
          err().println(line.path("path").asText() + " is left out: " + line.path("why").asText());
      default -> results.add(line);
    }
  }

  final void printJson(JsonNode value) {
    try {
      out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Prints a JSON list piece by piece. */
  final class JsonList implements AutoCloseable {
    private boolean any;

    void add(JsonNode value) {
      out().print((any ? ",\n" : "[\n") + value);
      any = true;
    }

    @Override
    public void close() {
      out().println(any ? "\n]" : "[]");
    }
  }

  /** The absolute path of what the user wrote, relative to the current folder. */
  static Path absolute(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }

  /** Whether a word is a hash rather than a path. */
  static boolean isHash(String text) {
    return text.matches("[sS]?[0-9a-fA-F]{64}") || text.matches("[a-zA-Z2-7]{52}");
  }
}
