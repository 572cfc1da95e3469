package org.veilor.seed.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A running provider: our daemon or the Rust peer, with the same files. */
final class Side implements AutoCloseable {
  private final String name;
  private final Program program;
  private final String address;

  private Side(String name, Program program, String address) {
    this.name = name;
    this.program = program;
    this.address = address;
  }

  /** Our daemon from the distribution, seeding these files or folders in place. */
  static Side ours(Path launcher, Path state, List<Path> files)
      throws IOException, InterruptedException {
    Program daemon =
        Program.start(
            List.of(
                launcher.toString(),
                "run",
                "--state",
                state.toString(),
                "--listen",
                "127.0.0.1:0",
                "--gateway",
                "off"));
    String ready = daemon.line();
    if (ready == null || !ready.startsWith("READY ")) {
      throw new IOException("the daemon did not become ready: " + ready);
    }
    String endpoint = field(ready, "endpoint=");
    String listen = field(ready, "listen=");
    List<String> add =
        new ArrayList<>(List.of(launcher.toString(), "add", "--state", state.toString()));
    files.forEach(file -> add.add(file.toString()));
    Program.run(add);
    return new Side("veilor-seed", daemon, endpoint + "@" + listen);
  }

  /** iroh-blobs on an FsStore, files referenced in place. */
  static Side rust(Path peer, Path state, List<Path> files, Path list) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                peer.toString(),
                "provide",
                "--store",
                "fs",
                "--dir",
                state.toString(),
                "--each",
                "--list",
                list.toString(),
                "--forever"));
    files.forEach(file -> command.add(file.toString()));
    Program program = Program.start(command);
    String line = program.line();
    if (line == null) {
      throw new IOException("the Rust provider did not start");
    }
    var ready = Program.event(line, "ready");
    return new Side(
        "iroh-blobs FsStore",
        program,
        ready.path("endpoint").asText() + "@" + ready.path("addr").asText());
  }

  static String field(String line, String key) {
    int from = line.indexOf(key) + key.length();
    int to = line.indexOf(' ', from);
    return line.substring(from, to < 0 ? line.length() : to);
  }

  String name() {
    return name;
  }

  /** ID@ip:port for the peer's commands. */
  String address() {
    return address;
  }

  Program program() {
    return program;
  }

  @Override
  public void close() {
    program.close();
  }
}
