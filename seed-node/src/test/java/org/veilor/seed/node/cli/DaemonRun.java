package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.daemon.FakeEndpoint;
import org.veilor.seed.node.daemon.PeerEndpointFactory;

/** A daemon started through the command line inside the test, and commands that speak to it. */
final class DaemonRun implements AutoCloseable {
  /** What a command printed and returned. */
  record Result(int exitCode, String out, String err) {}

  final Path state;
  final AtomicReference<@Nullable FakeEndpoint> endpoint = new AtomicReference<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

  private DaemonRun(Path state) {
    this.state = state;
  }

  /** Starts a daemon and waits for its line. */
  static DaemonRun start(Path state, String... options) throws InterruptedException {
    DaemonRun run = new DaemonRun(state);
    List<String> args = new ArrayList<>(List.of("run", "--listen", "127.0.0.1:0"));
    args.addAll(List.of(options));
    if (!args.contains("--gateway")) {
      args.addAll(List.of("--gateway", "off"));
    }
    PeerEndpointFactory factory =
        request -> {
          FakeEndpoint opened = new FakeEndpoint(request);
          run.endpoint.set(opened);
          return opened;
        };
    Main main =
        new Main(
            stream(run.out),
            stream(run.err),
            Map.of("VEILOR_SEED_STATE", state.toString()),
            factory);
    Thread.ofPlatform()
        .start(() -> run.exitCode.complete(main.execute(args.toArray(String[]::new))));
    while (!run.out.toString(StandardCharsets.UTF_8).contains("\n") && !run.exitCode.isDone()) {
      Thread.sleep(5);
    }
    return run;
  }

  String readyLine() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Runs a command against this daemon. */
  Result command(String... args) {
    return command(state, args);
  }

  /** Runs a command with that state folder. */
  static Result command(Path state, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Map<String, String> environment = Map.of("VEILOR_SEED_STATE", state.toString());
    Main main = new Main(stream(out), stream(err), environment, FakeEndpoint::new);
    int exitCode = main.execute(args);
    return new Result(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  /** Stops the daemon and returns its exit code. */
  int stop() {
    if (!exitCode.isDone()) {
      try {
        new ControlClient(state.resolve("control.sock")).post("/shutdown", Map.of(), null);
      } catch (Exception e) {
        throw new IllegalStateException("the daemon cannot be stopped: " + e, e);
      }
    }
    return exitCode.join();
  }

  @Override
  public void close() {
    assertThat(stop()).isZero();
    FakeEndpoint opened = endpoint.get();
    assertThat(opened == null || opened.closed).isTrue();
  }
}
