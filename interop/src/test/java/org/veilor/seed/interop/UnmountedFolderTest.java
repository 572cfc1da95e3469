package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is really unmounted, or emptied, while it is seeded and served. */
final class UnmountedFolderTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int FILES = 40;
  private static final int LARGE_BYTES = 30_000_000;

  @TempDir private Path temporary = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private Daemon daemon;

  private Path folder() {
    return temporary.resolve("media");
  }

  private Path disk() {
    return temporary.resolve("disk");
  }

  private Path large() {
    return folder().resolve("large.png");
  }

  private Path one() {
    return folder().resolve("7.png");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /** Fills a folder; {@code original} then holds the large file's bytes for comparison. */
  private Path fill(Path folder) throws IOException {
    for (int i = 0; i < FILES; i++) {
      TestFiles.png(folder.resolve(i + ".png"), 1000 + i, i);
    }
    TestFiles.png(folder.resolve("large.png"), LARGE_BYTES, 99);
    Path original = temporary.resolve("original.png");
    return Files.exists(original) ? original : TestFiles.png(original, LARGE_BYTES, 99);
  }

  private void awaitAllSeeded() {
    daemon.await(
        "all are seeded",
        SOON,
        d ->
            d.status().path("store").path("paths").asInt() == FILES + 1
                && d.status().path("seeding").path("settled").asBoolean());
  }

  private Peer slowGetter(String ticket, Path out) {
    Peer getter =
        Peers.start(
            "get",
            "--ticket",
            ticket,
            "--out",
            out,
            "--read-delay-ms",
            3,
            "--progress-every",
            1_000_000);
    getter.await("progress");
    return getter;
  }

  private void assertPaused(String reason, String hash) {
    daemon.await("the service is paused", SOON, d -> !d.status().path("alerts").isEmpty());
    assertThat(daemon.status().path("alerts").get(0).asText())
        .contains("service media is paused", reason);
    JsonNode why = daemon.why(one());
    System.out.println("why: " + why.path("why").asText());
    assertThat(why.path("seeded").asBoolean()).isFalse();
    assertThat(why.path("hash").asText()).as("its hash and so its ticket are kept").isEqualTo(hash);
    assertThat(why.path("why").asText()).contains("paused", reason);
    Peer.Result refused =
        Peers.start("get", "--addr", daemon.target(), "--hash", hash).finish(Peer.USUAL);
    assertThat(refused.last("failed").path("code").asInt()).as("not found").isEqualTo(3);
  }

  private void assertKept() {
    assertThat(daemon.status().path("store").path("paths").asInt()).isEqualTo(FILES + 1);
  }

  private Daemon.Builder builder() throws IOException {
    Path config = temporary.resolve("config.toml");
    Files.writeString(config, "[seeding]\nsettle = \"500ms\"\nsettle_open = \"1s\"\n");
    return Daemon.on(temporary.resolve("state"))
        .shortLived()
        .argument("--config")
        .argument(config)
        .service("media", folder());
  }

  /** A transfer that met the loss either has all bytes or was ended; it never has a wrong one. */
  private static void assertNoWrongByte(Peer getter, Path original, Path out) {
    Peer.Result result = getter.finish(Duration.ofMinutes(1));
    long bytes = TestFiles.assertBeginning(original, out);
    System.out.println("the transfer that met it: exit " + result.exit() + ", " + bytes + " bytes");
    if (result.exit() == 0) {
      TestFiles.assertSame(original, out);
    } else {
      assertThat(result.last("failed").path("kind").asText()).isIn("read", "leaf_not_found");
    }
  }

  private void assertBackWithoutHashing(Map<Path, JsonNode> before, int hashed, String ticket) {
    daemon.await("it goes on", SOON, d -> d.status().path("alerts").isEmpty());
    daemon.await(
        "nothing is on its way", SOON, d -> d.status().path("seeding").path("settled").asBoolean());
    assertThat(daemon.list()).isEqualTo(before);
    assertThat(daemon.status().path("seeding").path("hashed").asInt()).isEqualTo(hashed);
    assertThat(daemon.why(one()).path("why").asText()).isEqualTo("it is seeded in place");
    assertServed(ticket);
  }

  private void assertServed(String ticket) {
    Path out = temporary.resolve("again");
    Peers.start("get", "--ticket", ticket, "--out", out).done();
    TestFiles.assertSame(temporary.resolve("original.png"), out);
  }

  @Test
  void unmountedLazilyDuringATransferAndMountedAgain() throws IOException {
    Files.createDirectories(folder());
    Path original = fill(disk());
    daemon =
        builder()
            .prefix(Privileges.withMounts("mount --bind \"$1\" \"$2\"", disk(), folder()))
            .start();
    awaitAllSeeded();
    Map<Path, JsonNode> before = daemon.list();
    String ticket = daemon.ticket(large());
    String hash = daemon.hash(one());
    int hashed = daemon.status().path("seeding").path("hashed").asInt();
    assertThat(hashed).isEqualTo(FILES + 1);

    Path out = temporary.resolve("out");
    Peer getter = slowGetter(ticket, out);
    Privileges.among(daemon, "umount", "-l", folder()).expectExit(0);
    assertPaused("its folder is empty", hash);
    assertKept();
    assertNoWrongByte(getter, original, out);
    Privileges.among(daemon, "mount", "--bind", disk(), folder()).expectExit(0);
    assertBackWithoutHashing(before, hashed, ticket);

    // The same with a daemon that starts before the folder is mounted.
    daemon.kill();
    daemon =
        builder().listen(daemon.listen().getFirst()).prefix(Privileges.withMounts("true")).start();
    assertPaused("its folder is empty", hash);
    assertKept();
    Privileges.among(daemon, "mount", "--bind", disk(), folder()).expectExit(0);
    assertBackWithoutHashing(before, 0, ticket);
  }

  @Test
  void aFileSystemThatIsGoneAndComesBackWithOtherInodes() throws IOException {
    Files.createDirectories(folder());
    Path original = fill(disk());
    String mount = "mount -t tmpfs tmpfs \"$2\"; cp -a \"$1\"/. \"$2\"";
    daemon = builder().prefix(Privileges.withMounts(mount, disk(), folder())).start();
    awaitAllSeeded();
    String ticket = daemon.ticket(large());
    String hash = daemon.hash(one());
    // Nothing of it is open: the kernel lets it go, and says so to whoever watches.
    Privileges.among(daemon, "umount", folder()).expectExit(0);
    assertPaused("its folder is empty", hash);
    assertKept();
    Privileges.among(daemon, "sh", "-ec", mount, "sh", disk(), folder()).expectExit(0);
    daemon.await("it goes on", SOON, d -> d.status().path("alerts").isEmpty());
    daemon.await(
        "all are seeded",
        SOON,
        d -> d.why(one()).path("seeded").asBoolean() && d.why(large()).path("seeded").asBoolean());
    assertThat(daemon.hash(one())).isEqualTo(hash);
    Path out = temporary.resolve("out");
    Peers.start("get", "--ticket", ticket, "--out", out).done();
    TestFiles.assertSame(original, out);
  }

  @Test
  void anotherFileSystemIsMountedOverIt() throws IOException {
    Path original = fill(folder());
    Path other = temporary.resolve("other");
    for (int i = 0; i < FILES + 10; i++) {
      TestFiles.png(other.resolve("x" + i + ".png"), 500, 1000 + i);
    }
    daemon = builder().prefix(Privileges.withMounts("true")).start();
    awaitAllSeeded();
    Map<Path, JsonNode> before = daemon.list();
    String ticket = daemon.ticket(large());
    String hash = daemon.hash(one());
    Path out = temporary.resolve("out");
    Peer getter = slowGetter(ticket, out);
    Privileges.among(daemon, "mount", "--bind", other, folder()).expectExit(0);
    assertPaused("files vanished", hash);
    assertKept();
    assertNoWrongByte(getter, original, out);
    Privileges.among(daemon, "umount", folder()).expectExit(0);
    // Nothing of the other one was hashed meanwhile.
    assertBackWithoutHashing(before, FILES + 1, ticket);
  }

  @Test
  void everyFileIsDeletedDuringATransfer() throws IOException {
    Path original = fill(folder());
    daemon = builder().start();
    awaitAllSeeded();
    String hash = daemon.hash(one());
    Path out = temporary.resolve("out");
    Peer getter = slowGetter(daemon.ticket(large()), out);
    try (var files = Files.list(folder())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertPaused("files vanished", hash);
    assertKept();
    assertNoWrongByte(getter, original, out);

    // What is put back is seeded again, and the rest is kept until the operator says so.
    for (int i = 0; i < 5; i++) {
      TestFiles.png(folder().resolve(i + ".png"), 1000 + i, i);
    }
    daemon.cli("resume", "media");
    daemon.await(
        "what was meant is dropped",
        SOON,
        d -> d.status().path("store").path("paths").asInt() == 5);
    assertThat(daemon.why(hash).path("state").asText()).isEqualTo("unknown");
    daemon.await(
        "what was put back is seeded",
        SOON,
        d -> d.why(folder().resolve("3.png")).path("seeded").asBoolean());
    assertThat(daemon.list().keySet())
        .containsExactlyElementsOf(
            List.of(0, 1, 2, 3, 4).stream().map(i -> folder().resolve(i + ".png")).toList());
  }
}
