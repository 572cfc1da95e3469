package org.veilor.seed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.control.ControlException;

/**
 * Twenty daemons with small heaps in one service: from a file's appearing in the folder of one
 * until each of the others knows who has it, and what they cost while nothing happens. There is no
 * other side: no Rust program does this.
 */
final class Announcements {
  private static final int NODES = 20;
  private static final int FILES = 100;
  private static final int WARM_UP_FILES = 20;

  /**
   * Nobody is asked before: twenty answers take 150 ms of CPU, of which the announcing has none.
   */
  private static final int UNDISTURBED_MILLIS = 1_500;

  private static final int FILE_BYTES = 50_000;
  private static final int IDLE_SECONDS = 60;
  private static final long PATIENCE_SECONDS = 120;
  private static final String HEAP = "JAVA_OPTS=-Xms32m -Xmn16m -Xmx128m";

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final PrintStream out;

  Announcements(Compare compare, Path work, Path launcher, PrintStream out) {
    this.compare = compare;
    this.work = work.resolve("announcements");
    this.launcher = launcher;
    this.out = out;
  }

  void run() throws IOException, InterruptedException, ControlException {
    Path media = Files.createDirectories(work.resolve("media"));
    Path config = work.resolve("config.toml");
    Files.writeString(
        config,
        "[seeding]\nsettle = \"100ms\"\n[[service]]\nname = \"media\"\ndirectory = \""
            + media
            + "\"\nexposure = \"public\"\n");
    List<Program> daemons = new ArrayList<>();
    try {
      daemons.add(start(0, "--config", config.toString()));
      String invite = command(0, "invite", "media").lines().toList().getLast();
      for (int i = 1; i < NODES; i++) {
        daemons.add(start(i));
        command(i, "join", invite);
      }
      for (int i = 0; i < NODES; i++) {
        ControlClient client = client(i);
        Daemons.await(
            "node " + i + " has a neighbour",
            PATIENCE_SECONDS,
            () ->
                client
                        .get("/status", Map.of())
                        .path("topics")
                        .path("media")
                        .path("neighbors")
                        .asInt()
                    > 0);
      }
      announce(media);
      idle(daemons);
    } finally {
      daemons.forEach(Program::close);
    }
  }

  private void announce(Path media) throws IOException, InterruptedException, ControlException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < WARM_UP_FILES + FILES; i++) {
      Path file = work.resolve("file" + i + ".png");
      Compare.writePng(file, FILE_BYTES, i);
      String hash = Blake3Hasher.hash(Files.readAllBytes(file)).toString();
      long begunMillis = System.currentTimeMillis();
      Files.move(file, media.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      Thread.sleep(UNDISTURBED_MILLIS);
      long last = begunMillis;
      for (int node = 1; node < NODES; node++) {
        ControlClient client = client(node);
        Daemons.await(
            "node " + node + " knows file " + i,
            PATIENCE_SECONDS,
            () -> !announced(client, hash).isEmpty());
        last = Math.max(last, announced(client, hash).path(0).path("at").asLong());
      }
      millis.add((double) (last - begunMillis));
    }
    double first = millis.getFirst();
    millis.subList(0, WARM_UP_FILES).clear();
    List<Double> sorted = millis.stream().sorted().toList();
    compare
        .figures("a file is announced at all of 20 daemons, p50", "ms", false)
        .add(true, sorted.get(FILES / 2));
    compare
        .figures("a file is announced at all of 20 daemons, p99", "ms", false)
        .limit(1000, 500)
        .add(true, sorted.get((FILES * 99 + 99) / 100 - 1));
    out.printf(
        Locale.ROOT,
        "%nAnnounced at all of %d daemons: the longest of %d after %.0f ms, the very first after %.0f ms%n",
        NODES,
        FILES,
        sorted.getLast(),
        first);
  }

  private static JsonNode announced(ControlClient client, String hash)
      throws IOException, ControlException {
    return client.get("/why", Map.of("hash", hash)).path("announced");
  }

  private void idle(List<Program> daemons) throws IOException, InterruptedException {
    Swarms.awaitQuiet(daemons);
    long bytes = GossipRace.loopbackBytes();
    double cpu = Swarms.cpuSeconds(daemons);
    Thread.sleep(IDLE_SECONDS * 1000L);
    double nodeSeconds = (double) IDLE_SECONDS * NODES;
    long resident = 0;
    for (Program daemon : daemons) {
      resident += daemon.residentKib() / 1024;
    }
    compare
        .figures("an idle daemon of 20 sends", "B/s on loopback", false)
        .limit(5000, 500)
        .add(true, (GossipRace.loopbackBytes() - bytes) / nodeSeconds);
    compare
        .figures("an idle daemon of 20 takes", "% of a core", false)
        .limit(0.5, 0.25)
        .add(true, 100 * (Swarms.cpuSeconds(daemons) - cpu) / nodeSeconds);
    compare
        .figures("an idle daemon of 20, heap of 128 MiB, resident", "MiB", false)
        .add(true, (double) resident / NODES);
  }

  private Program start(int node, String... more) throws IOException {
    return Daemons.start(List.of("env", HEAP, launcher.toString()), state(node), more);
  }

  private String command(int node, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--state", state(node).toString()));
    return Program.run(command);
  }

  private Path state(int node) {
    return work.resolve("state" + node);
  }

  private ControlClient client(int node) {
    return Daemons.client(state(node));
  }
}
