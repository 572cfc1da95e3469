package org.veilor.seed.interop;

import java.nio.file.Path;
import java.time.Duration;

/** iroh's own {@code sendme}, without relays. */
final class Sendme {
  private Sendme() {}

  /** A sender that serves until it is closed. */
  record Sender(Child child, String ticket) implements AutoCloseable {
    @Override
    public void close() {
      child.close();
    }
  }

  /** Seeds {@code path}; sendme keeps its store below {@code folder}. */
  static Sender send(Path folder, Path path) {
    Child child =
        Peers.launch(
            folder,
            "sendme",
            "send",
            "--relay",
            "disabled",
            "--ticket-type",
            "addresses",
            "--no-progress",
            path);
    Deadline deadline = Deadline.after(Peer.USUAL);
    while (true) {
      String line = child.nextLine(deadline).strip();
      if (line.startsWith("sendme receive ")) {
        return new Sender(child, line.substring(line.lastIndexOf(' ') + 1));
      }
    }
  }

  /** Fetches into {@code folder} and waits for the end. */
  static Child.Finished receive(Path folder, String ticket, Duration limit) {
    try (Child child = startReceive(folder, ticket)) {
      return child.finish(limit);
    }
  }

  /** Begins to fetch into {@code folder}. */
  static Child startReceive(Path folder, String ticket) {
    return Peers.launch(
        folder, "sendme", "receive", "--relay", "disabled", "--no-progress", ticket);
  }
}
