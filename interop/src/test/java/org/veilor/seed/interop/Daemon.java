package org.veilor.seed.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;

/**
 * Our daemon as a child process, started from the class path of the tests. Ready when it has
 * printed {@code READY endpoint=<hex> listen=<addr>,… gateway=…}.
 */
final class Daemon implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("READY endpoint=([0-9a-f]{64}) listen=(\\S*) gateway=(\\S+)");

  /**
   * Below the ports that the system gives to whoever asks for any, so that a daemon which starts
   * again finds its own still free, however many peers other tests start meanwhile.
   */
  private static final AtomicInteger NEXT_PORT = new AtomicInteger(20_000);

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
    private final List<String> prefix = new ArrayList<>();
    private Map<String, String> environment = Map.of();
    private String listen = "";
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

    /** For tests that start many and ask little of each. */
    Builder shortLived() {
      return jvm(Cli.QUICK);
    }

    /** A further flag of its JVM, for instance {@code -Xmx128m}. */
    Builder jvm(String flag) {
      jvm.add(flag);
      return this;
    }

    /** Further variables of its environment. */
    Builder environment(Map<String, String> variables) {
      environment = variables;
      return this;
    }

    /** A command that runs the daemon, for instance as another user. */
    Builder prefix(List<String> command) {
      prefix.addAll(command);
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
      String address = listen.isEmpty() ? "127.0.0.1:" + freePort() : listen;
      all.addAll(List.of("run", "--state", state, "--listen", address, "--gateway", gateway));
      all.addAll(arguments);
      List<String> command = new ArrayList<>(prefix);
      command.addAll(Cli.command(jvm, all));
      return Child.start(folder(), environment, command);
    }

    private static int freePort() {
      int port = NEXT_PORT.getAndIncrement();
      while (!isFree(port)) {
        port = NEXT_PORT.getAndIncrement();
      }
      return port;
    }

    /** Somebody else may have it, where the machine itself is the namespace. */
    private static boolean isFree(int port) {
      try (var _ =
          new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port))) {
        return true;
      } catch (SocketException e) {
        return false;
      }
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

  /** What {@code status --json} says, asked over the control socket. */
  JsonNode status() {
    return ask("/status", Map.of());
  }

  /** A figure of {@code status}, for instance {@code counter("requests_open")}. */
  long counter(String name) {
    return status().path("peers").path(name).asLong(-1);
  }

  /** What {@code invite} prints, without a process of its own. */
  String invite(String service) {
    return posted("/invite", Map.of("service", service), JsonNodeFactory.instance.objectNode())
        .path("invite")
        .asText();
  }

  /** What {@code join} does. */
  void join(String invite) {
    var _ = posted("/join", Map.of(), JsonNodeFactory.instance.objectNode().put("invite", invite));
  }

  /**
   * What {@code forget} does, without a process of its own.
   *
   * @throws IOException if no answer comes, because the daemon has died
   */
  void forget(String service, String hash) throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("service", service).put("days", 9);
    body.putArray("what").add(hash);
    try {
      var _ = control().post("/forget", Map.of(), body);
    } catch (ControlException e) {
      throw new IOException(e);
    }
  }

  private JsonNode posted(String path, Map<String, String> query, JsonNode body) {
    try {
      return control().post(path, query, body);
    } catch (IOException | ControlException e) {
      throw new AssertionError(path + ": " + e.getMessage() + child.describe(), e);
    }
  }

  /** What {@code catalogue --json} says of a service; nothing if it is not in it. */
  JsonNode catalogue(String service) {
    try {
      return control().get("/catalogue", Map.of("service", service)).path("origins").path(0);
    } catch (IOException | ControlException e) {
      return MissingNode.getInstance();
    }
  }

  /** The roots of the catalogues of a service that are here. */
  List<String> roots(String service) {
    List<String> roots = new ArrayList<>();
    try {
      control()
          .get("/catalogue", Map.of("service", service))
          .path("origins")
          .forEach(each -> roots.add(each.path("root").asText()));
    } catch (IOException | ControlException e) {
      return List.of(); // it is not in the service yet
    }
    roots.removeIf(String::isEmpty);
    return roots;
  }

  /** What {@code why --json} says of a path. */
  JsonNode why(Path path) {
    return ask("/why", Map.of("path", path.toAbsolutePath().toString()));
  }

  /** What {@code why --json} says of a hash. */
  JsonNode why(String hash) {
    return ask("/why", Map.of("hash", hash));
  }

  /** The hash of a path that is seeded. */
  String hash(Path path) {
    JsonNode why = why(path);
    if (!why.path("seeded").asBoolean()) {
      throw new AssertionError("not seeded: " + why + child.describe());
    }
    return why.path("hash").asText();
  }

  /** The ticket of a path that is seeded. */
  String ticket(Path path) {
    return ask("/ticket", Map.of("path", path.toAbsolutePath().toString())).path("ticket").asText();
  }

  /** Everything that {@code ls --json} lists, by path. */
  Map<Path, JsonNode> list() {
    Map<Path, JsonNode> found = new TreeMap<>();
    list(Map.of(), line -> found.put(Path.of(line.path("path").asText()), line));
    return found;
  }

  /** Everything that {@code ls --cached --json} lists, by hash. */
  Map<String, JsonNode> cached() {
    Map<String, JsonNode> found = new TreeMap<>();
    list(Map.of("cached", "true"), line -> found.put(line.path("hash").asText(), line));
    return found;
  }

  /** What {@code ls --cached} says of one blob; a node that is missing, if nothing. */
  JsonNode cached(String hash) {
    JsonNode line = cached().get(hash);
    return line == null ? MissingNode.getInstance() : line;
  }

  /** Asks it to pin or unpin something, and waits for the answer. */
  void post(String path, String what) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putArray("what").add(what);
    try {
      control().lines("POST", path, Map.of(), body, line -> {});
    } catch (IOException | ControlException e) {
      throw new AssertionError(path + ": " + e.getMessage() + child.describe(), e);
    }
  }

  private void list(Map<String, String> query, ControlClient.LineConsumer consumer) {
    try {
      control().lines("GET", "/ls", query, null, consumer);
    } catch (IOException | ControlException e) {
      throw new AssertionError("ls failed: " + e.getMessage() + child.describe(), e);
    }
  }

  /** Waits until a look at this daemon is as wished. */
  void await(String what, Duration time, Predicate<Daemon> wish) {
    Deadline deadline = Deadline.after(time);
    while (!wish.test(this)) {
      if (deadline.isOver()) {
        throw new AssertionError(
            "not within " + time + ": " + what + "; status " + status() + child.describe());
      }
      Deadline.pause(Duration.ofMillis(100));
    }
  }

  private JsonNode ask(String path, Map<String, String> query) {
    try {
      return control().get(path, query);
    } catch (IOException | ControlException e) {
      throw new AssertionError(path + query + ": " + e.getMessage() + child.describe(), e);
    }
  }

  private ControlClient control() {
    return new ControlClient(builder.state.resolve("control.sock"));
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

  /** Starts the next one on the same state and port, and kills it after that time. */
  void killWhileStarting(Duration time) {
    Child next = builder.listen(listen.getFirst()).launch();
    Deadline.pause(time);
    next.kill();
  }

  Child child() {
    return child;
  }

  @Override
  public void close() {
    child.close();
  }
}
