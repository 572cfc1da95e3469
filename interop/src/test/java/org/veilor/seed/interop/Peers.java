package org.veilor.seed.interop;

import static java.util.Objects.requireNonNullElse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the real peers are and how to start them. */
final class Peers {
  private Peers() {}

  /**
   * The program {@code iroh-peer} or {@code sendme}.
   *
   * @throws AssertionError with the cure, if it is not there
   */
  static Path binary(String name) {
    String folder = requireNonNullElse(System.getProperty("veilor.peers"), "");
    if (folder.isBlank()) {
      folder = requireNonNullElse(System.getenv("VEILOR_PEERS"), "");
    }
    if (folder.isBlank()) {
      throw new AssertionError(
          "The real peers are not there: run the tests with `make test`, or build them with"
              + " interop/build-peers.sh and pass the folder that it prints as -Dveilor.peers=FOLDER");
    }
    Path binary = Path.of(folder, name);
    if (!Files.isExecutable(binary)) {
      throw new AssertionError(
          binary + " is missing: run interop/build-peers.sh and pass the folder that it prints");
    }
    return binary;
  }

  /** Starts {@code iroh-peer} with these arguments in the folder of temporary files. */
  static Peer start(Object... arguments) {
    return startIn(Path.of(System.getProperty("java.io.tmpdir")), arguments);
  }

  /** Starts {@code iroh-peer} in {@code folder}; relative paths in the arguments start there. */
  static Peer startIn(Path folder, Object... arguments) {
    return new Peer(launch(folder, "iroh-peer", arguments));
  }

  static Child launch(Path folder, String program, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(binary(program).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return Child.start(folder, Map.of("NO_COLOR", "1"), command);
  }
}
