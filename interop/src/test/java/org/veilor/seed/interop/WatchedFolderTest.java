package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that lives while it is seeded, and what {@code why} says of it. */
@Order(2)
final class WatchedFolderTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path temporary = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private Daemon daemon;

  private Path folder() {
    return temporary.resolve("media");
  }

  private void start() {
    TestFiles.png(folder().resolve("first.png"), 100, -1);
    daemon = Daemon.on(temporary.resolve("state")).shortLived().service("media", folder()).start();
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private void awaitSeeded(Path file) {
    daemon.await(file + " is seeded", SOON, d -> d.why(file).path("seeded").asBoolean());
  }

  private void awaitState(Path file, String state) {
    daemon.await(
        file + " is " + state, SOON, d -> d.why(file).path("state").asText().equals(state));
  }

  private void assertServed(Path file) {
    Path out = temporary.resolve("out");
    Peers.start("get", "--ticket", daemon.ticket(file), "--out", out).done();
    TestFiles.assertSame(file, out);
  }

  private void assertNotServed(String hash) {
    Peer.Result result =
        Peers.start("get", "--addr", daemon.target(), "--hash", hash).finish(Peer.USUAL);
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.last("failed").path("code").asInt()).isEqualTo(3);
  }

  @Test
  void twentyThousandFilesAndABurstWhileServing() throws IOException {
    for (int i = 0; i < 20_000; i++) {
      TestFiles.png(folder().resolve(i % 100 + "/" + i + ".png"), i % 1500, i);
    }
    long began = System.nanoTime();
    daemon = Daemon.on(temporary.resolve("state")).service("media", folder()).start();
    daemon.await(
        "20,000 files are seeded",
        Duration.ofSeconds(90),
        d -> d.status().path("store").path("paths").asInt() == 20_000);
    double seconds = (System.nanoTime() - began) / 1e9;
    Path list = temporary.resolve("hashes");
    Files.write(
        list, daemon.list().values().stream().map(line -> line.path("hash").asText()).toList());
    Peer getter =
        Peers.start("get-list", "--addr", daemon.target(), "--hashes", list, "--in-flight", 32);
    for (int i = 20_000; i < 25_000; i++) {
      TestFiles.png(folder().resolve(i % 100 + "/" + i + ".png"), i % 1500, i);
    }
    JsonNode done = getter.done(Duration.ofMinutes(1));
    assertThat(done.path("blobs").asInt()).isEqualTo(20_000);
    assertThat(done.path("failed").asInt()).isZero();
    began = System.nanoTime();
    daemon.await(
        "the burst is seeded",
        Duration.ofSeconds(60),
        d -> d.status().path("store").path("paths").asInt() == 25_000);
    System.out.printf(
        "20,000 files: seeded in %.1f s, fetched with a burst of 5,000 beside them at %.0f blobs/s;"
            + " burst seeded %.1f s after that; RSS %d KiB%n",
        seconds,
        done.path("blobs_per_s").asDouble(),
        (System.nanoTime() - began) / 1e9,
        daemon.child().rssKib());
    assertServed(folder().resolve("0/24900.png"));
  }

  @Test
  void filesWrittenSlowlyRenamedInOverwrittenAndDeleted() throws IOException {
    start();
    Path slow = folder().resolve("slow.png");
    try (OutputStream out = Files.newOutputStream(slow)) {
      byte[] head = Files.readAllBytes(TestFiles.png(temporary.resolve("head"), 1000, 1));
      for (int i = 0; i < 8; i++) {
        out.write(head);
        out.flush();
        Deadline.pause(Duration.ofMillis(500));
        JsonNode why = daemon.why(slow);
        assertThat(why.path("seeded").asBoolean()).as(why.toString()).isFalse();
        assertThat(why.path("state").asText()).isIn("settling", "unseen");
      }
    }
    Path renamed = folder().resolve("renamed.png");
    Files.move(TestFiles.png(temporary.resolve("elsewhere.png"), 5000, 2), renamed);
    awaitSeeded(slow);
    awaitSeeded(renamed);
    assertServed(slow);
    assertServed(renamed);
    assertThat(daemon.why(renamed).path("why").asText()).isEqualTo("it is seeded in place");

    String before = daemon.hash(renamed);
    TestFiles.png(renamed, 6000, 3);
    daemon.await(
        "the new content is seeded",
        SOON,
        d -> {
          JsonNode why = d.why(renamed);
          return why.path("seeded").asBoolean() && !why.path("hash").asText().equals(before);
        });
    assertServed(renamed);
    assertNotServed(before);
    assertThat(daemon.why(before).path("state").asText()).isEqualTo("unknown");

    String moved = daemon.hash(renamed);
    Path other = folder().resolve("sub/other.png");
    Files.createDirectories(folder().resolve("sub"));
    Files.move(renamed, other, StandardCopyOption.ATOMIC_MOVE);
    awaitSeeded(other);
    assertThat(daemon.hash(other)).isEqualTo(moved);

    Files.delete(other);
    awaitState(other, "unknown");
    assertNotServed(moved);
    assertThat(daemon.why(other).path("why").asText()).contains("no such file");

    Path text =
        TestFiles.write(
            folder().resolve("notes.png"), "only words".getBytes(StandardCharsets.UTF_8));
    awaitState(text, "refused");
    System.out.println("why of a text file: " + daemon.why(text).path("why").asText());
    Path link = Files.createSymbolicLink(folder().resolve("link.png"), slow);
    assertThat(daemon.why(link).path("why").asText()).contains("symbolic link");
  }

  @Test
  void aFileTruncatedWhileServedEndsWithAReset() throws IOException {
    start();
    Path file = folder().resolve("large.png");
    TestFiles.png(file, 40_000_000, 7);
    awaitSeeded(file);
    String before = daemon.hash(file);
    Peer getter =
        Peers.start(
            "get",
            "--ticket",
            daemon.ticket(file),
            "--read-delay-ms",
            5,
            "--progress-every",
            500_000);
    getter.await("progress");
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(9_000_000);
    }
    Peer.Result result = getter.finish(Duration.ofMinutes(1));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.last("failed").path("kind").asText()).isIn("read", "leaf_not_found");
    daemon.await(
        "what is left is seeded under its own hash",
        SOON,
        d -> {
          JsonNode why = d.why(file);
          return why.path("seeded").asBoolean() && !why.path("hash").asText().equals(before);
        });
    assertNotServed(before);
    assertServed(file);
  }

  @Test
  void anEmptiedFolderTripsTheBrake() throws IOException {
    start();
    for (int i = 0; i < 50; i++) {
      TestFiles.png(folder().resolve(i + ".png"), 1000, i);
    }
    Path one = folder().resolve("7.png");
    daemon.await("all are seeded", SOON, d -> d.status().path("store").path("paths").asInt() == 51);
    String hash = daemon.hash(one);
    Path away = temporary.resolve("away");
    Files.move(folder(), away);
    daemon.await(
        "the service is paused", Duration.ofSeconds(60), d -> !d.status().path("alerts").isEmpty());
    JsonNode why = daemon.why(one);
    System.out.println("why of a file whose folder is away: " + why.path("why").asText());
    assertThat(why.path("seeded").asBoolean()).isFalse();
    assertThat(why.path("why").asText()).contains("paused");
    assertNotServed(hash);
    assertThat(daemon.status().path("store").path("paths").asInt()).as("kept").isEqualTo(51);
    Files.move(away, folder());
    daemon.cli("resume", "media");
    awaitSeeded(one);
    assertThat(daemon.hash(one)).isEqualTo(hash);
    assertServed(one);
  }

  @Test
  void aFileThatMayNotBeReadSaysSo() throws IOException {
    TestFiles.png(folder().resolve("open.png"), 1000, 1);
    Path closed = TestFiles.png(folder().resolve("closed.png"), 1000, 2);
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    Daemon.Builder builder =
        Daemon.on(temporary.resolve("state")).shortLived().service("media", folder());
    if (Files.isReadable(closed)) {
      // Root may read everything, unless it gives that right away.
      builder.prefix(List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search"));
    }
    daemon = builder.start();
    awaitSeeded(folder().resolve("open.png"));
    daemon.await(
        "why names the rights",
        SOON,
        d -> d.why(closed).path("why").asText().contains("permission denied"));
    assertThat(daemon.why(closed).path("seeded").asBoolean()).isFalse();
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r--r--r--"));
    awaitSeeded(closed);
  }
}
