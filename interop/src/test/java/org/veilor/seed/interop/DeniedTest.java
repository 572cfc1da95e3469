package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon without capabilities on state and media that it may not read or write: one sentence that
 * names the cure, nothing is taken for damage, and with the rights everything is as before.
 */
@Order(3)
final class DeniedTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path temporary = Path.of("");
  private String ticket = "";
  private String port = "";
  private Path large = Path.of("");

  private Path state() {
    return temporary.resolve("state");
  }

  private Path media() {
    return temporary.resolve("media");
  }

  private Daemon.Builder builder() {
    return Daemon.on(state())
        .shortLived()
        .service("media", media())
        .argument("--config")
        .argument(temporary.resolve("config.toml"))
        .prefix(Privileges.none());
  }

  /** A state folder with a database, an outboard file and an identity. */
  @BeforeEach
  void seedOnce() throws IOException {
    Files.writeString(
        temporary.resolve("config.toml"),
        "[seeding]\nsettle = \"100ms\"\nsettle_open = \"500ms\"\n");
    large = TestFiles.png(media().resolve("large.png"), 9_000_000, 1);
    TestFiles.png(media().resolve("small.png"), 1000, 2);
    try (Daemon daemon = builder().start()) {
      awaitBoth(daemon);
      ticket = daemon.ticket(large);
      port = daemon.listen().getFirst();
      var _ = daemon.stop();
    }
  }

  @AfterEach
  void giveRightsBack() throws IOException {
    try (Stream<Path> all = Files.walk(temporary)) {
      for (Path each : all.toList()) {
        if (Files.isDirectory(each)) {
          Privileges.chmod(each, "rwx------");
        }
      }
    }
  }

  private static void awaitBoth(Daemon daemon) {
    daemon.await(
        "both are seeded",
        SOON,
        d ->
            d.status().path("store").path("paths").asInt() == 2
                && d.status().path("seeding").path("settled").asBoolean());
  }

  private void assertRefused(Daemon.Builder builder, String... words) {
    try (Child child = builder.launch()) {
      Child.Finished finished = child.finish(Duration.ofSeconds(30)).expectExit(1);
      List<String> said =
          finished.stderr().lines().filter(line -> line.startsWith("veilor-seed: ")).toList();
      assertThat(said).as(finished.stderr()).hasSize(1);
      System.out.println(said.getFirst());
      assertThat(said.getFirst()).contains(words).doesNotContain("Exception");
    }
  }

  /** With the rights given back, nothing is hashed again and the old ticket is served. */
  private void assertAsBefore() throws IOException {
    try (Stream<Path> inside = Files.list(state())) {
      assertThat(inside.map(each -> each.getFileName().toString()))
          .as("nothing was taken for damage")
          .noneMatch(name -> name.contains("damaged"));
    }
    try (Daemon daemon = builder().listen(port).start()) {
      awaitBoth(daemon);
      assertThat(daemon.status().path("seeding").path("hashed").asInt()).isZero();
      assertThat(daemon.status().path("store").path("rebuilt").asText()).isEmpty();
      assertThat(daemon.ticket(large)).isEqualTo(ticket);
      assertServed(daemon);
    }
  }

  private void assertServed(Daemon daemon) {
    Path out = temporary.resolve("out");
    Peers.start("get", "--ticket", daemon.ticket(large), "--out", out).done();
    TestFiles.assertSame(large, out);
  }

  @Test
  void aStateFolderThatMayNotBeUsed() throws IOException {
    Privileges.chmod(state(), "---------");
    assertRefused(builder(), state().toString(), "permission denied", "give this user the right");
    Privileges.chmod(state(), "rwx------");
    assertAsBefore();
  }

  @Test
  void aStateThatMayOnlyBeRead() throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(state())) {
      all = walk.toList();
    }
    for (Path each : all) {
      Privileges.chmod(each, Files.isDirectory(each) ? "r-x------" : "r--------");
    }
    assertRefused(builder(), state().toString(), "permission denied", "give this user the right");
    for (Path each : all) {
      Privileges.chmod(each, Files.isDirectory(each) ? "rwx------" : "rw-------");
    }
    assertAsBefore();
  }

  @Test
  void aStateOnAFileSystemThatIsReadOnly() throws IOException {
    String mount = "mount --bind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"";
    assertRefused(
        Daemon.on(state())
            .shortLived()
            .service("media", media())
            .prefix(Privileges.withMounts(mount, state())),
        state().toString(),
        "ead-only file system",
        "give this user the right");
    assertAsBefore();
  }

  /** {@code chmod 600 state/*} leaves a folder whose names can be read and nothing else. */
  @Test
  void aDatabaseThatMayNotBeUsed() throws IOException {
    Path database = state().resolve("db");
    Path current = database.resolve("CURRENT");
    Privileges.chmod(database, "rw-------");
    assertRefused(builder(), state().toString(), "permission denied", "give this user the right");
    Privileges.chmod(database, "rwx------");
    Privileges.chmod(current, "---------");
    assertRefused(builder(), state().toString(), "ermission denied", "give this user the right");
    Privileges.chmod(current, "rw-------");
    assertAsBefore();
  }

  @Test
  void anIdentityThatMayNotBeRead() throws IOException {
    Path key = state().resolve("identity.key");
    Privileges.chmod(key, "---------");
    assertRefused(builder(), key.toString(), "permission denied", "give this user the right");
    Privileges.chmod(key, "rw-------");
    assertAsBefore();
  }

  private Path outboard() throws IOException {
    try (Stream<Path> walk = Files.walk(state().resolve("outboards"))) {
      return walk.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }

  @Test
  void anOutboardThatMayNotBeReadAtTheStart() throws IOException {
    Path outboard = outboard();
    Privileges.chmod(outboard, "---------");
    assertRefused(builder(), outboard.toString(), "permission denied", "give this user the right");
    Privileges.chmod(outboard, "rw-------");
    Path shard = outboard.resolveSibling(".").normalize();
    Privileges.chmod(shard, "---------");
    assertRefused(builder(), shard.toString(), "permission denied", "give this user the right");
    Privileges.chmod(shard, "rwx------");
    assertAsBefore();
  }

  @Test
  void anOutboardThatMayNotBeReadAnyMoreWhileServing() throws IOException {
    Path outboard = outboard();
    try (Daemon daemon = builder().start()) {
      awaitBoth(daemon);
      Privileges.chmod(outboard, "---------");
      Peer.Result result =
          Peers.start("get", "--ticket", daemon.ticket(large), "--out", temporary.resolve("part"))
              .finish(Peer.USUAL);
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.last("failed").path("kind").asText()).isIn("read", "leaf_not_found");
      // Whatever is wrong with it, a new one is made: the file is hashed again, under the same
      // ticket.
      daemon.await("it is seeded", SOON, d -> d.why(large).path("seeded").asBoolean());
      assertThat(daemon.ticket(large)).contains(ticket.substring(0, 40));
      assertServed(daemon);
    }
  }

  @Test
  void newOutboardsThatMayNotBeWritten() throws IOException {
    try (Daemon daemon = builder().start()) {
      awaitBoth(daemon);
      Path temporaries = state().resolve("outboards/tmp");
      Privileges.chmod(temporaries, "r-x------");
      Path other = TestFiles.png(media().resolve("other.png"), 7_000_000, 3);
      daemon.await(
          "why names the rights",
          SOON,
          d -> d.why(other).path("why").asText().contains("give this user the right"));
      System.out.println("why: " + daemon.why(other).path("why").asText());
      assertThat(daemon.why(other).path("why").asText())
          .contains("permission denied", state().toString())
          .doesNotContain("Exception");
      assertServed(daemon);
      Privileges.chmod(temporaries, "rwx------");
      TestFiles.png(other, 7_000_000, 4);
      daemon.await("it is seeded", SOON, d -> d.why(other).path("seeded").asBoolean());
    }
  }

  @Test
  void aMediaFileThatMayNotBeReadAnyMore() throws IOException {
    try (Daemon daemon = builder().start()) {
      awaitBoth(daemon);
      String hash = daemon.hash(large);
      Path out = temporary.resolve("part");
      Peer getter =
          Peers.start(
              "get",
              "--ticket",
              daemon.ticket(large),
              "--out",
              out,
              "--read-delay-ms",
              5,
              "--progress-every",
              500_000);
      getter.await("progress");
      Privileges.chmod(large, "---------");
      daemon.await(
          "why names the rights",
          SOON,
          d -> d.why(large).path("why").asText().contains("permission denied"));
      System.out.println("why: " + daemon.why(large).path("why").asText());
      assertThat(daemon.why(large).path("seeded").asBoolean()).isFalse();
      Peer.Result result = getter.finish(Duration.ofMinutes(1));
      long bytes = TestFiles.assertBeginning(copy(), out);
      assertThat(result.exit() == 0 ? bytes : 0).isIn(0L, Files.size(copy()));
      Peer.Result refused =
          Peers.start("get", "--addr", daemon.target(), "--hash", hash).finish(Peer.USUAL);
      assertThat(refused.exit()).isEqualTo(1);
      Files.setPosixFilePermissions(large, PosixFilePermissions.fromString("r--r--r--"));
      daemon.await("it is seeded again", SOON, d -> d.why(large).path("seeded").asBoolean());
      assertThat(daemon.hash(large)).isEqualTo(hash);
      assertServed(daemon);
    }
  }

  private Path copy() {
    Path copy = temporary.resolve("copy.png");
    return Files.exists(copy) ? copy : TestFiles.png(copy, 9_000_000, 1);
  }
}
