package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.node.seeding.KernelSettings;

/** What the kernel could not tell is found all the same. */
final class LostHintsTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String MAX_QUEUED_EVENTS = "/proc/sys/fs/inotify/max_queued_events";

  @TempDir private Path temporary = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private Daemon daemon;

  private final Set<Path> expected = new TreeSet<>();

  private Path folder() {
    return temporary.resolve("media");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private Path write(String name, int seed) {
    Path file = TestFiles.png(folder().resolve(name), 300 + seed % 100, seed);
    expected.add(file);
    return file;
  }

  private Daemon.Builder builder(String seeding) throws IOException {
    Path config = Files.writeString(temporary.resolve("config.toml"), "[seeding]\n" + seeding);
    return Daemon.on(temporary.resolve("state"))
        .shortLived()
        .argument("--config")
        .argument(config)
        .service("media", folder());
  }

  private void awaitExactly(String what) {
    daemon.await(
        what,
        SOON,
        d ->
            d.status().path("store").path("paths").asInt() == expected.size()
                && d.status().path("seeding").path("settled").asBoolean());
    assertThat(daemon.list().keySet()).isEqualTo(expected);
  }

  @Test
  void moreEventsThanTheKernelKeeps() throws IOException {
    for (int i = 0; i < 200; i++) {
      write("old/" + i + ".png", i);
    }
    daemon = builder("settle = \"200ms\"\nsettle_open = \"1s\"\n").start();
    awaitExactly("what is there is seeded");
    long limit = KernelSettings.number(MAX_QUEUED_EVENTS);
    assertThat(limit).as("this test makes that many events").isBetween(1L, 200_000L);

    // Nobody reads the queue: it overflows, and everything after that is not told.
    daemon.child().pause();
    for (int i = 0; i <= limit / 2; i++) {
      // three events each, of a file that is never seeded
      Files.write(folder().resolve("old/noise" + i % 50 + ".txt"), new byte[] {(byte) i});
      Files.delete(folder().resolve("old/noise" + i % 50 + ".txt"));
    }
    Path changed = write("old/1.png", 5000);
    for (int i = 10; i < 20; i++) {
      Path gone = folder().resolve("old/" + i + ".png");
      Files.delete(gone);
      expected.remove(gone);
    }
    Path before = folder().resolve("old/30.png");
    Path after = folder().resolve("old/renamed.png");
    Files.move(before, after, StandardCopyOption.ATOMIC_MOVE);
    expected.remove(before);
    expected.add(after);
    for (int i = 0; i < 300; i++) {
      write("new/deep/er" + i % 7 + "/" + i + ".png", 10_000 + i);
    }
    daemon.child().resume();

    awaitExactly("nothing was missed");
    assertThat(daemon.child().stderr()).contains("queue of file events overflowed; scanning");
    Path out = temporary.resolve("out");
    Peers.start("get", "--ticket", daemon.ticket(changed), "--out", out).done();
    TestFiles.assertSame(changed, out);
    assertThat(daemon.status().path("alerts")).isEmpty();

    // The new folders are watched: what comes now is told, and no scan is due for an hour.
    Path last = write("new/deep/er3/last.png", 77_777);
    daemon.await("a file in a new folder", SOON, d -> d.why(last).path("seeded").asBoolean());
  }

  @Test
  void moreFoldersThanMayBeWatched() throws IOException {
    for (int i = 0; i < 60; i++) {
      write("f" + i + "/a.png", i);
    }
    daemon =
        builder("settle = \"200ms\"\nsettle_open = \"1s\"\nscan_interval = \"4s\"\n")
            .prefix(Privileges.withInotifyWatches(20))
            .start();
    awaitExactly("what is there is seeded");
    daemon.await("an alert tells it", SOON, d -> !d.status().path("alerts").isEmpty());
    String alert = daemon.status().path("alerts").get(0).asText();
    System.out.println("alert: " + alert);
    assertThat(alert)
        .contains("41 folders are not watched", "scanned every 4 s", "max_user_watches");
    assertThat(daemon.status().path("seeding").path("watches").asInt()).isEqualTo(20);
    assertThat(daemon.cli("status").stdout()).anyMatch(line -> line.contains("are not watched"));

    // New files, changes, deletions and new folders, wherever they are.
    for (int i = 0; i < 60; i++) {
      write("f" + i + "/b.png", 1000 + i);
    }
    write("f59/a.png", 2000);
    Path gone = folder().resolve("f58/a.png");
    Files.delete(gone);
    expected.remove(gone);
    for (int i = 0; i < 5; i++) {
      write("later" + i + "/deep/c.png", 3000 + i);
    }
    String changed = TestFiles.png(temporary.resolve("same.png"), 300, 2000).toString();
    awaitExactly("nothing was missed");
    daemon.await(
        "the changed file is hashed again",
        SOON,
        d -> d.why(folder().resolve("f59/a.png")).path("seeded").asBoolean());
    Path out = temporary.resolve("out");
    Peers.start("get", "--ticket", daemon.ticket(folder().resolve("f59/a.png")), "--out", out)
        .done();
    TestFiles.assertSame(Path.of(changed), out);
    daemon.await(
        "the alert counts the new folders",
        SOON,
        d -> d.status().path("alerts").path(0).asText().contains("51 folders are not watched"));
  }
}
