package org.veilor.seed.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.veilor.seed.node.control.ControlException;

/**
 * A million files of 4 KiB in the folder of one service: how fast a daemon imports them, what it
 * takes then, how soon it serves after a restart, and what it and a member that has its catalogue
 * cost while nothing happens. There is no other side.
 */
final class Million {
  private static final int FILES = Integer.getInteger("veilor.bench.million", 1_000_000);
  private static final int FILE_BYTES = 4096;
  private static final int FOLDER_FILES = 1000;
  private static final int IDLE_SECONDS = 60;
  private static final long PATIENCE_SECONDS = 1800;
  private static final int RESTARTS = 3;
  private static final byte[] PNG_HEAD = {
    (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'
  };

  private final Compare compare;
  private final Path work;
  private final Path launcher;
  private final Path state;
  private final String count = String.format(java.util.Locale.ROOT, "%,d", FILES);

  Million(Compare compare, Path work, Path launcher) {
    this.compare = compare;
    this.work = work.resolve("million");
    this.launcher = launcher;
    this.state = this.work.resolve("origin");
  }

  void run() throws IOException, InterruptedException, ControlException {
    Path media = Files.createDirectories(work.resolve("media"));
    writeFiles(media);
    Path config = work.resolve("config.toml");
    Files.writeString(
        config,
        "[seeding]\nsettle = \"100ms\"\nsettle_open = \"200ms\"\n[[service]]\nname = \"media\"\ndirectory = \""
            + media
            + "\"\nexposure = \"public\"\n");
    try (Program origin = Daemons.start(launcher, state, "--config", config.toString())) {
      imports(origin);
    }
    restart(config);
    member(config);
    Compare.delete(work);
  }

  private Figures figures(String what, String unit, boolean higherIsBetter) {
    return compare.figures(what, unit, higherIsBetter);
  }

  /** A figure that is measured once. */
  private Figures tell(String what, String unit, boolean higherIsBetter, double value) {
    System.err.println(what + ": " + value + " " + unit);
    Figures figures = figures(what, unit, higherIsBetter);
    figures.add(true, value);
    return figures;
  }

  private static void writeFiles(Path media) throws IOException {
    Random random = new Random(7);
    byte[] content = new byte[FILE_BYTES];
    Path folder = media;
    for (int i = 0; i < FILES; i++) {
      if (i % FOLDER_FILES == 0) {
        folder = Files.createDirectory(media.resolve(Integer.toString(i / FOLDER_FILES)));
      }
      random.nextBytes(content);
      System.arraycopy(PNG_HEAD, 0, content, 0, PNG_HEAD.length);
      try (OutputStream out = Files.newOutputStream(folder.resolve(i + ".png"))) {
        out.write(content);
      }
    }
  }

  private long files() throws IOException, ControlException {
    return Daemons.client(state).get("/status", Map.of()).path("store").path("paths").asLong();
  }

  private void imports(Program origin) throws IOException, InterruptedException, ControlException {
    long begun = System.nanoTime();
    double cpu = origin.cpuSeconds();
    Daemons.await("all files are imported", PATIENCE_SECONDS, () -> files() == FILES);
    double seconds = (System.nanoTime() - begun) / 1e9;
    var _ =
        tell(
                count + " files of 4 KiB, imported by a daemon just started",
                "files/s",
                true,
                FILES / seconds)
            .limit(10_000, 25_000);
    var _ =
        tell(
            count + " files of 4 KiB, importing them",
            "CPU-ms per 1,000",
            false,
            (origin.cpuSeconds() - cpu) * 1e6 / FILES);
    Swarms.awaitQuiet(List.of(origin));
    var _ =
        tell(
                "resident memory after importing " + count + " blobs",
                "MiB",
                false,
                origin.residentKib() / 1024.0)
            .limit(420, 300);
  }

  private void restart(Path config) throws IOException, InterruptedException, ControlException {
    Figures ready =
        figures("restart with " + count + " files until they are served", "s", false).limit(20, 8);
    Figures cpu = figures("restart with " + count + " files until they are served", "CPU-s", false);
    Figures scanned =
        figures("restart with " + count + " files until all are looked at", "s", false);
    for (int i = 0; i < RESTARTS; i++) {
      long begun = System.nanoTime();
      try (Program origin = Daemons.start(launcher, state, "--config", config.toString())) {
        ready.add(true, (System.nanoTime() - begun) / 1e9);
        System.err.println("restarted in " + (System.nanoTime() - begun) / 1e9 + " s");
        cpu.add(true, origin.cpuSeconds());
        long now = files();
        if (now != FILES) {
          throw new IOException("READY with " + now + " files");
        }
        Daemons.await("the files are scanned", PATIENCE_SECONDS, this::isScanned);
        scanned.add(true, (System.nanoTime() - begun) / 1e9);
      }
    }
  }

  private boolean isScanned() throws IOException, ControlException {
    for (var service :
        Daemons.client(state).get("/status", Map.of()).path("seeding").path("services")) {
      if (service.path("name").asText().equals("media")) {
        return service.path("last_scan_at").asLong() > 0;
      }
    }
    return false;
  }

  /** The origin and a member that has its catalogue, both quiet. */
  private void member(Path config) throws IOException, InterruptedException, ControlException {
    Path joined = work.resolve("member");
    try (Program origin = Daemons.start(launcher, state, "--config", config.toString());
        Program member = Daemons.start(launcher, joined)) {
      String invite = command(state, "invite", "media").lines().toList().getLast();
      var _ = command(joined, "join", invite);
      long begun = System.nanoTime();
      Daemons.await("the catalogue has arrived", PATIENCE_SECONDS, () -> entries(joined) == FILES);
      var _ =
          tell(
              "a member joins a service of " + count + " files and has its catalogue",
              "s",
              false,
              (System.nanoTime() - begun) / 1e9);
      Swarms.awaitQuiet(List.of(origin, member));
      long bytes = GossipRace.loopbackBytes();
      double ofOrigin = origin.cpuSeconds();
      double ofMember = member.cpuSeconds();
      Thread.sleep(IDLE_SECONDS * 1000L);
      String idle = "idle with a catalogue of " + count + ", ";
      var _ =
          tell(
                  idle + "each of two nodes sends",
                  "B/s on loopback",
                  false,
                  (GossipRace.loopbackBytes() - bytes) / (2.0 * IDLE_SECONDS))
              .limit(5000, 1000);
      var _ =
          tell(
                  idle + "the origin takes",
                  "% of a core",
                  false,
                  100 * (origin.cpuSeconds() - ofOrigin) / IDLE_SECONDS)
              .limit(0.5, 0.2);
      var _ =
          tell(
                  idle + "the member takes",
                  "% of a core",
                  false,
                  100 * (member.cpuSeconds() - ofMember) / IDLE_SECONDS)
              .limit(0.5, 0.2);
      var _ =
          tell(
                  "resident memory of an origin with " + count + " blobs",
                  "MiB",
                  false,
                  origin.residentKib() / 1024.0)
              .limit(420, 300);
      var _ = tell("resident memory of its member", "MiB", false, member.residentKib() / 1024.0);
    }
  }

  private static long entries(Path node) throws IOException {
    try {
      var answer = Daemons.client(node).get("/catalogue", Map.of("service", "media"));
      return answer.path("origins").path(0).path("entries").asLong();
    } catch (ControlException e) {
      return 0; // it does not know the service yet
    }
  }

  private String command(Path node, String... words) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--state", node.toString()));
    return Program.run(command);
  }
}
