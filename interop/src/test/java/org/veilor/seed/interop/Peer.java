package org.veilor.seed.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * A running {@code iroh-peer}. It answers in JSON lines with the key {@code event}; an {@code
 * error} line that nobody asked for ends every wait with an {@link AssertionError}.
 */
final class Peer implements AutoCloseable {
  /** Long enough for everything that is not a large transfer. */
  static final Duration USUAL = Duration.ofSeconds(30);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Child child;
  private JsonNode ready = MissingNode.getInstance();

  Peer(Child child) {
    this.child = child;
  }

  /** Exit code and all lines of a peer that ended. */
  record Result(int exit, List<JsonNode> lines, Child.Finished raw) {
    /** The last line with this event. */
    JsonNode last(String event) {
      return lines.reversed().stream()
          .filter(line -> line.path("event").asText().equals(event))
          .findFirst()
          .orElseThrow(
              () -> new AssertionError("no line '" + event + "': " + raw.stdout() + raw.stderr()));
    }

    /** All lines with this event. */
    List<JsonNode> all(String event) {
      return lines.stream().filter(line -> line.path("event").asText().equals(event)).toList();
    }
  }

  /** The next line with this event; others before it are passed over. */
  JsonNode await(String event, Duration limit) {
    Deadline deadline = Deadline.after(limit);
    while (true) {
      JsonNode line = parse(child.nextLine(deadline));
      String found = line.path("event").asText();
      if (found.equals(event)) {
        return line;
      }
      if (found.equals("error")) {
        throw new AssertionError("instead of '" + event + "'" + child.describe());
      }
    }
  }

  JsonNode await(String event) {
    return await(event, USUAL);
  }

  /** The {@code ready} line of a peer that serves. */
  JsonNode ready() {
    if (ready.isMissingNode()) {
      ready = await("ready", Duration.ofMinutes(2));
    }
    return ready;
  }

  /** Endpoint id as hex. */
  String endpoint() {
    return ready().path("endpoint").asText();
  }

  /** {@code ip:port}. */
  String addr() {
    return ready().path("addr").asText();
  }

  /** The same, for the JDK. */
  InetSocketAddress address() {
    int colon = addr().lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(addr().substring(0, colon)),
        Integer.parseInt(addr().substring(colon + 1)));
  }

  /** {@code ID@ip:port}, what {@code --addr} takes. */
  String target() {
    return endpoint() + "@" + addr();
  }

  /** One of the things that a provider seeds, in the order of its arguments. */
  JsonNode item(int index) {
    return ready().path("items").path(index);
  }

  /** The last line of a successful run: the {@code done} line after exit code 0. */
  JsonNode done(Duration limit) {
    Result result = finish(limit);
    result.raw().expectExit(0);
    return result.last("done");
  }

  JsonNode done() {
    return done(USUAL);
  }

  /** Waits for the end, whatever it is. */
  Result finish(Duration limit) {
    Child.Finished finished = child.finish(limit);
    return new Result(
        finished.exit(), finished.stdout().stream().map(Peer::parse).toList(), finished);
  }

  /** Asks a serving peer to end, by closing its stdin, and gives what it printed. */
  Result stop() {
    child.closeStdin();
    return finish(USUAL);
  }

  /** Sends a line to its stdin. */
  void command(String line) {
    child.writeLine(line);
  }

  /** All lines with this event so far, awaited or not. */
  List<JsonNode> seen(String event) {
    return child.lines().stream()
        .map(Peer::parse)
        .filter(line -> line.path("event").asText().equals(event))
        .toList();
  }

  /** Sends a command to its stdin and gives the line that answers. */
  JsonNode ask(String command) {
    command(command);
    return await(command);
  }

  /** SIGKILL: to the other side it vanished. */
  void kill() {
    child.kill();
  }

  void pause() {
    child.pause();
  }

  void resume() {
    child.resume();
  }

  Child child() {
    return child;
  }

  @Override
  public void close() {
    child.close();
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + line, e);
    }
  }
}
