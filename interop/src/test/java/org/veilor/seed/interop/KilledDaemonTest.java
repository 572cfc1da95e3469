package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments of starting, importing, adding and serving. */
@Order(1)
final class KilledDaemonTest {
  private static final int ROUNDS = 20;
  private static final int FILES_A_ROUND = 100;
  private static final int LARGE_BYTES = 20_000_001;

  @TempDir private Path temporary = Path.of("");

  /** What the daemon said of a file: as long as neither changes, it was not hashed again. */
  private record Seeded(String hash, long seededAtMillis) {}

  private final Map<Path, Seeded> acknowledged = new HashMap<>();

  /** Tickets that were printed before a kill, and the files they are of. */
  private final Map<String, Path> tickets = new LinkedHashMap<>();

  private final Set<Path> expected = new HashSet<>();
  private SplittableRandom random = new SplittableRandom(0);
  private String where = "";

  private Path folder() {
    return temporary.resolve("media");
  }

  private static Map<Path, Seeded> seeded(Daemon daemon) {
    Map<Path, Seeded> found = new HashMap<>();
    daemon
        .list()
        .forEach((path, line) ->
            found.put(
                path, new Seeded(line.path("hash").asText(), line.path("seeded_at").asLong())));
    return found;
  }

  private void writeRound(int round) {
    for (int i = 0; i < FILES_A_ROUND; i++) {
      // outboards of all three kinds: none, in the database, in a file
      int size = i == 50 ? 6_000_000 : i % 10 == 0 ? 40_000 : 2000;
      Path file = folder().resolve(round + "/" + i + ".png");
      expected.add(TestFiles.png(file, size, (long) round * FILES_A_ROUND + i));
    }
  }

  /** An {@code add} that may be killed half way together with the daemon. */
  private final class Adding {
    final Path file;
    final Child child;

    Adding(int round) {
      file = TestFiles.random(temporary.resolve("added/" + round), 1_000_000 + round, round);
      List<Object> arguments =
          List.of("add", "--raw", file, "--state", temporary.resolve("state").toString());
      child = Child.start(temporary, Map.of(), Cli.command(List.of(Cli.QUICK), arguments));
      child.closeStdin();
    }

    void finish() {
      Child.Finished finished = child.finish(Duration.ofSeconds(30));
      if (finished.exit() == 0) {
        tickets.put(finished.stdout().getLast(), file);
        expected.add(file);
      }
    }
  }

  private Peer startGetter(String ticket, Path received) throws IOException {
    return Peers.start(
        "get", "--ticket", ticket, "--out", received, "--read-delay-ms", random.nextInt(1, 4));
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void nothingAcknowledgedIsLostOrHashedAgainAndNoWrongByteIsSent() throws IOException {
    long seed = System.nanoTime();
    System.out.println("KilledDaemonTest seed " + seed);
    random = new SplittableRandom(seed);
    Path large = TestFiles.random(temporary.resolve("large.bin"), LARGE_BYTES, seed);
    Path collection = temporary.resolve("album");
    for (int i = 0; i < 30; i++) {
      TestFiles.random(collection.resolve("deep/" + i), 3000 + i, seed + i);
    }
    expected.add(TestFiles.png(folder().resolve("first.png"), 100, -1));
    Path config =
        Files.writeString(
            temporary.resolve("config.toml"),
            "[seeding]\nsettle = \"100ms\"\nsettle_open = \"500ms\"\n");
    Daemon daemon =
        Daemon.on(temporary.resolve("state"))
            .shortLived()
            .argument("--config")
            .argument(config)
            .service("media", folder())
            .start();
    String ticket = daemon.cli("add", "--raw", large).stdout().getLast();
    String album = daemon.cli("add", collection).stdout().getLast();
    tickets.put(ticket, large);
    long partial = 0;
    for (int round = 0; round < ROUNDS; round++) {
      where = "seed " + seed + ", round " + round;
      boolean getterDies = round % 2 == 0;
      Path received = temporary.resolve("received" + round);
      Peer getter = startGetter(ticket, received);
      writeRound(round);
      Adding adding = new Adding(round);
      Deadline.pause(Duration.ofMillis(random.nextInt(1500)));
      if (round % 3 == 0) {
        // This ticket is printed for sure; the others if the command was fast enough.
        adding.finish();
      }
      acknowledged.putAll(seeded(daemon));
      Deadline.pause(Duration.ofMillis(random.nextInt(50)));
      daemon.kill();
      if (getterDies) {
        getter.kill();
      }
      adding.finish();
      if (random.nextInt(4) == 0) {
        daemon.killWhileStarting(Duration.ofMillis(random.nextInt(1500)));
      }
      daemon = restartAndCheck(daemon);
      partial += assertNoWrongByte(getter, getterDies, large, received);
      assertAllServed(daemon, round == ROUNDS - 1);
    }
    assertThat(acknowledged).hasSizeGreaterThan(ROUNDS * FILES_A_ROUND / 2);
    assertThat(tickets)
        .as("tickets of 'add' that were printed before a kill")
        .hasSizeGreaterThan(1);
    System.out.printf(
        "%d kills: %d files acknowledged before one, %d tickets, %d bytes received in part%n",
        ROUNDS, acknowledged.size(), tickets.size(), partial);
    try (Daemon last = daemon) {
      Path out = temporary.resolve("out");
      Peers.start("get", "--ticket", album, "--out", out).done();
      TestFiles.assertSameTree(collection, out.resolve("album"));
      assertThat(last.status().path("store").path("rebuilt").asText()).isEmpty();
    }
  }

  /** The next daemon keeps what was acknowledged, and hashes only what was not stored. */
  private Daemon restartAndCheck(Daemon killed) {
    long startedMillis = System.currentTimeMillis();
    Daemon daemon = killed.restart();
    assertThat(seeded(daemon)).as(where).containsAllEntriesOf(acknowledged);
    daemon.await(
        "all is seeded, " + where,
        Duration.ofSeconds(60),
        d ->
            d.status().path("seeding").path("settled").asBoolean()
                && d.list().keySet().containsAll(expected));
    Map<Path, Seeded> now = seeded(daemon);
    assertThat(now).as(where).containsAllEntriesOf(acknowledged);
    List<Path> hashedNow = new ArrayList<>();
    now.forEach((path, seeded) -> {
      if (seeded.seededAtMillis() >= startedMillis) {
        hashedNow.add(path);
      }
    });
    assertThat(hashedNow).as(where).doesNotContainAnyElementsOf(acknowledged.keySet());
    assertThat(daemon.status().path("seeding").path("hashed").asInt())
        .as("files hashed since the start, %s", where)
        .isEqualTo(hashedNow.size());
    acknowledged.putAll(now);
    return daemon;
  }

  /** Gives the number of bytes, if it was not all. */
  private long assertNoWrongByte(Peer getter, boolean wasKilled, Path large, Path received) {
    if (!wasKilled) {
      // It sees the end of the daemon, and tells whether the bytes before were good.
      Peer.Result result = getter.finish(Duration.ofMinutes(1));
      if (result.exit() != 0) {
        assertThat(result.last("failed").path("kind").asText())
            .as(where)
            .isIn("read", "closing", "leaf_not_found", "parent_not_found", "open", "timeout");
      }
    }
    if (!Files.exists(received)) {
      return 0;
    }
    long bytes = TestFiles.assertBeginning(large, received);
    return bytes < LARGE_BYTES ? bytes : 0;
  }

  private void assertAllServed(Daemon daemon, boolean everyTicket) throws IOException {
    Path list = temporary.resolve("hashes");
    Files.write(
        list, acknowledged.values().stream().map(Seeded::hash).distinct().sorted().toList());
    JsonNode done =
        Peers.start("get-list", "--addr", daemon.target(), "--hashes", list)
            .done(Duration.ofMinutes(1));
    assertThat(done.path("failed").asInt()).as(where + ": " + done).isZero();
    List<String> printed = new ArrayList<>(tickets.keySet());
    for (String ticket : everyTicket ? printed : List.of(printed.getFirst(), printed.getLast())) {
      Path file = Objects.requireNonNull(tickets.get(ticket));
      JsonNode got = Peers.start("get", "--ticket", ticket, "--rehash").done();
      assertThat(got.path("blake3").asText()).as(where).isEqualTo(daemon.hash(file));
    }
  }

  @Test
  void aGetterNeverReceivesWrongBytes() {
    Path file = TestFiles.random(temporary.resolve("file.bin"), 40_000_001, 5);
    Path original = TestFiles.random(temporary.resolve("original.bin"), 40_000_001, 5);
    Daemon daemon = Daemon.on(temporary.resolve("state")).start();
    String ticket = daemon.cli("add", "--raw", file).stdout().getLast();
    // Behind the daemon's back, with the same length and time: only the tree tells.
    TestFiles.flipByteKeepingTimes(file, 30_000_000);
    Path out = temporary.resolve("out");
    Peer.Result result = Peers.start("get", "--ticket", ticket, "--out", out).finish(Peer.USUAL);
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.last("failed").path("kind").asText()).isIn("read", "leaf_not_found");
    assertThat(TestFiles.assertBeginning(original, out)).isLessThanOrEqualTo(30_000_000);
    daemon.close();
  }
}
