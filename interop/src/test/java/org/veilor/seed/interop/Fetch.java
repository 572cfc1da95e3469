package org.veilor.seed.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code veilor-seed get} as a process of its own, with the JVM flags of the launcher. */
final class Fetch implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LAUNCHER_FLAGS = List.of("-Xms96m", "-Xmn64m");

  private final Child child;
  private final long startedNanos = System.nanoTime();

  private Fetch(Child child) {
    this.child = child;
  }

  /**
   * How it ended.
   *
   * @param seconds with the start of the JVM
   */
  record Result(Child.Finished raw, double seconds) {
    /** This, after checking that it fetched everything. */
    Result expectDone() {
      raw.expectExit(0);
      return this;
    }

    /** What {@code --json} printed. */
    JsonNode json() {
      try {
        return JSON.readTree(String.join("\n", raw.stdout()));
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + raw, e);
      }
    }

    /** Bytes that this provider gave and that were needed. */
    long bytesFrom(Peer provider) {
      return share(provider).path("bytes").asLong();
    }

    /** What it says of one provider. */
    JsonNode share(Peer provider) {
      for (JsonNode each : json().path("providers")) {
        if (each.path("endpoint").asText().equals(provider.endpoint())) {
          return each;
        }
      }
      throw new AssertionError(provider.endpoint() + " is not mentioned: " + json());
    }
  }

  /** Begins to fetch what the tickets name into {@code target}. */
  static Fetch start(Path target, List<String> tickets, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("get", "--json", "-o", target));
    arguments.addAll(List.of(options));
    arguments.addAll(tickets);
    return run(target, arguments);
  }

  /** Fetches one blob to standard output, which is {@code target}. */
  static Fetch toStandardOutput(Path target, List<String> tickets) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" > " + target, "sh"));
    List<Object> arguments = new ArrayList<>(List.of("get", "-o", "-"));
    arguments.addAll(tickets);
    command.addAll(Cli.command(LAUNCHER_FLAGS, arguments));
    return new Fetch(Child.start(folder(target), Map.of(), command));
  }

  /** Runs any command line of {@code get}. */
  static Fetch run(Path near, List<?> arguments) {
    return new Fetch(Child.start(folder(near), Map.of(), Cli.command(LAUNCHER_FLAGS, arguments)));
  }

  private static Path folder(Path path) {
    Path parent = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try {
      return Files.createDirectories(parent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end, whatever it is. */
  Result finish(Duration limit) {
    Child.Finished finished = child.finish(limit);
    return new Result(finished, (System.nanoTime() - startedNanos) / 1e9);
  }

  /** Waits until everything is there. */
  Result done(Duration limit) {
    return finish(limit).expectDone();
  }

  /** SIGKILL, and waits until it is gone. */
  void kill() {
    child.kill();
  }

  boolean isAlive() {
    return child.isAlive();
  }

  @Override
  public void close() {
    child.close();
  }
}
