package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments of importing and serving. */
final class KilledDaemonTest {
  private static final int ROUNDS = 20;
  private static final int FILES_A_ROUND = 100;

  @TempDir private Path temporary = Path.of("");

  @Test
  void nothingAcknowledgedIsLostAndNoWrongByteIsSent() {
    long seed = System.nanoTime();
    System.out.println("KilledDaemonTest seed " + seed);
    var random = new SplittableRandom(seed);
    Path folder = temporary.resolve("media");
    Path large = TestFiles.random(temporary.resolve("large.bin"), 20_000_001, seed);
    Path collection = temporary.resolve("album");
    for (int i = 0; i < 30; i++) {
      TestFiles.random(collection.resolve("deep/" + i), 3000 + i, seed + i);
    }
    TestFiles.png(folder.resolve("first.png"), 100, -1);
    Map<Path, String> acknowledged = new HashMap<>();
    Daemon daemon = Daemon.on(temporary.resolve("state")).service("media", folder).start();
    String ticket = daemon.cli("add", "--raw", large).stdout().getLast();
    String album = daemon.cli("add", collection).stdout().getLast();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < FILES_A_ROUND; i++) {
        TestFiles.png(
            folder.resolve(round + "/" + i + ".png"), 2000, (long) round * FILES_A_ROUND + i);
      }
      Peer getter =
          Peers.start("get", "--ticket", ticket, "--rehash", "--read-delay-ms", random.nextInt(3));
      Deadline.pause(Duration.ofMillis(random.nextInt(2000)));
      daemon.list().forEach((path, line) -> acknowledged.put(path, line.path("hash").asText()));
      Deadline.pause(Duration.ofMillis(random.nextInt(50)));
      daemon.kill();
      getter.kill();
      daemon = daemon.restart();
      Map<Path, JsonNode> found = daemon.list();
      Map<Path, String> hashes = new HashMap<>();
      found.forEach((path, line) -> hashes.put(path, line.path("hash").asText()));
      assertThat(hashes).as("seed %d, round %d", seed, round).containsAllEntriesOf(acknowledged);
    }
    assertThat(acknowledged).hasSizeGreaterThan(FILES_A_ROUND);
    try (Daemon last = daemon) {
      last.await(
          "all files are seeded",
          Duration.ofSeconds(60),
          d -> d.list().size() >= ROUNDS * FILES_A_ROUND + 3);
      int before = last.list().size();
      JsonNode done = Peers.start("get", "--ticket", ticket, "--rehash").done();
      assertThat(done.path("blake3").asText()).isEqualTo(last.hash(large));
      Path out = temporary.resolve("out");
      Peers.start("get", "--ticket", album, "--out", out).done();
      TestFiles.assertSameTree(collection, out.resolve("album"));

      // One more start hashes nothing.
      last.kill();
      try (Daemon again = last.restart()) {
        again.await(
            "the first scan is over",
            Duration.ofSeconds(30),
            d -> d.status().path("seeding").path("settled").asBoolean());
        assertThat(again.list()).hasSize(before);
        assertThat(again.status().path("seeding").path("hashed").asInt()).isZero();
      }
    }
  }

  @Test
  void aGetterNeverReceivesWrongBytes() {
    Path file = TestFiles.random(temporary.resolve("file.bin"), 40_000_001, 5);
    Daemon daemon = Daemon.on(temporary.resolve("state")).start();
    String ticket = daemon.cli("add", "--raw", file).stdout().getLast();
    // Behind the daemon's back, with the same length and time: only the tree tells.
    TestFiles.flipByteKeepingTimes(file, 30_000_000);
    Path out = temporary.resolve("out");
    Peer.Result result = Peers.start("get", "--ticket", ticket, "--out", out).finish(Peer.USUAL);
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.last("failed").path("kind").asText()).isIn("read", "leaf_not_found");
    daemon.close();
  }
}
