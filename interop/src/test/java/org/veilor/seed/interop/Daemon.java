package org.veilor.seed.interop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our daemon as a child process, started from the class path of the tests. Ready when it has
 * printed {@code READY endpoint=<hex> listen=<addr>,… gateway=…}.
 */
final class Daemon implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("READY endpoint=([0-9a-f]{64}) listen=(\\S*) gateway=(\\S+)");

  private final Builder builder;
  private final Child child;
  private final String endpoint;
  private final List<String> listen;
  private final String gateway;

  private Daemon(Builder builder, Child child, Matcher ready) {
    this.builder = builder;
    this.child = child;
    this.endpoint = ready.group(1);
    this.listen = List.of(ready.group(2).split(","));
    this.gateway = ready.group(3);
  }

  /** How to start it; the same builder starts it again on the same state. */
  static final class Builder {
    private final Path state;
    private final List<Object> arguments = new ArrayList<>();
    private final List<String> jvm = new ArrayList<>();
    private String listen = "127.0.0.1:0";
    private String gateway = "off";
    private Duration limit = Duration.ofMinutes(1);

    private Builder(Path state) {
      this.state = state;
    }

    Builder service(String name, Path folder) {
      return argument("--service").argument(name + "=" + folder);
    }

    Builder listen(String address) {
      listen = address;
      return this;
    }

    Builder gateway(String address) {
      gateway = address;
      return this;
    }

    /** A further argument of {@code run}. */
    Builder argument(Object argument) {
      arguments.add(argument);
      return this;
    }

    /** A further flag of its JVM, for instance {@code -Xmx128m}. */
    Builder jvm(String flag) {
      jvm.add(flag);
      return this;
    }

    /** How long it may take until READY. */
    Builder limit(Duration time) {
      limit = time;
      return this;
    }

    /** Starts it without waiting for READY: for starts that are expected to fail. */
    Child launch() {
      List<Object> all = new ArrayList<>();
      all.addAll(List.of("run", "--state", state, "--listen", listen, "--gateway", gateway));
      all.addAll(arguments);
      return Child.start(folder(), Map.of(), Cli.command(jvm, all));
    }

    private Path folder() {
      return Objects.requireNonNull(
          state.toAbsolutePath().getParent(), "a state folder has a parent");
    }

    Daemon start() {
      Child child = launch();
      Deadline deadline = Deadline.after(limit);
      try {
        while (true) {
          Matcher ready = READY.matcher(child.nextLine(deadline));
          if (ready.matches()) {
            return new Daemon(this, child, ready);
          }
        }
      } catch (AssertionError e) {
        child.close();
        throw e;
      }
    }
  }

  /** A daemon on the state folder {@code state}, whose parent exists. */
  static Builder on(Path state) {
    return new Builder(state);
  }

  /** Endpoint id as hex. */
  String endpoint() {
    return endpoint;
  }

  /** The addresses it listens on, {@code ip:port}. */
  List<String> listen() {
    return listen;
  }

  String gateway() {
    return gateway;
  }

  /** {@code ID@ip:port} of its first address. */
  String target() {
    return endpoint + "@" + listen.getFirst();
  }

  /** Runs one of its commands on the same state and expects exit code 0. */
  Child.Finished cli(Object... arguments) {
    return tryCli(arguments).expectExit(0);
  }

  /** Runs one of its commands on the same state, whatever the outcome. */
  Child.Finished tryCli(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.add("--state");
    all.add(builder.state);
    return Cli.run(builder.folder(), Duration.ofMinutes(2), all.toArray());
  }

  /** SIGKILL, and waits until it is gone. */
  void kill() {
    child.kill();
  }

  /** SIGTERM, and waits for a graceful end. */
  Child.Finished stop() {
    child.terminate();
    return child.finish(Duration.ofSeconds(30));
  }

  /** Ends this one, gracefully if it still runs, and starts another on the same state and port. */
  Daemon restart() {
    if (child.isAlive()) {
      var _ = stop();
    }
    return builder.listen(listen.getFirst()).start();
  }

  Child child() {
    return child;
  }

  @Override
  public void close() {
    child.close();
  }
}
