package org.veilor.seed.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;

/** Starts daemons of our distribution and waits for what they do. */
final class Daemons {
  private static final int POLL_MILLIS = 500;

  private Daemons() {}

  /** Something that comes true. */
  interface Condition {
    boolean holds() throws IOException, ControlException;
  }

  /** A daemon without a gateway, when it serves. */
  static Program start(Path launcher, Path state, String... more) throws IOException {
    return start(List.of(launcher.toString()), state, more);
  }

  /** The same by a launcher that has words before it, such as env(1) with its variables. */
  static Program start(List<String> launcher, Path state, String... more) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of("run", "--state", state.toString(), "--gateway", "off"));
    command.addAll(List.of("--listen", "127.0.0.1:0"));
    command.addAll(List.of(more));
    Program daemon = Program.start(command);
    String ready = daemon.line();
    if (ready == null || !ready.startsWith("READY ")) {
      throw new IOException("a daemon did not become ready: " + ready);
    }
    return daemon;
  }

  static ControlClient client(Path state) {
    return new ControlClient(state.resolve("control.sock"));
  }

  static void await(String what, long patienceSeconds, Condition condition)
      throws IOException, InterruptedException, ControlException {
    long end = System.nanoTime() + patienceSeconds * 1_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IOException("it did not happen: " + what);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
