package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Rust provider with files referenced in place, and what it calls them. */
final class RustProvider implements AutoCloseable {
  private final Program program;
  private final JsonNode ready;

  private RustProvider(Program program, JsonNode ready) {
    this.program = program;
    this.ready = ready;
  }

  /** Starts it; {@code options} are those of {@code iroh-peer provide}. */
  static RustProvider start(Path peer, Path store, List<Path> files, String... options)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of(peer.toString(), "provide", "--store", "fs", "--dir"));
    command.add(store.toString());
    command.add("--forever");
    command.addAll(List.of(options));
    files.forEach(file -> command.add(file.toString()));
    Program program = Program.start(command);
    String line = program.line();
    if (line == null) {
      throw new IOException("the Rust provider did not start");
    }
    return new RustProvider(program, Program.event(line, "ready"));
  }

  Program program() {
    return program;
  }

  String endpoint() {
    return ready.path("endpoint").asText();
  }

  /** {@code ip:port}. */
  String addr() {
    return ready.path("addr").asText();
  }

  String ticket(int item) {
    return ready.path("items").path(item).path("ticket").asText();
  }

  String hash(int item) {
    return ready.path("items").path(item).path("hash").asText();
  }

  @Override
  public void close() {
    program.close();
  }
}
