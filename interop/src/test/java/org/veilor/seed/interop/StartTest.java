package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the way of a daemon gets one sentence that names the cure. */
final class StartTest {
  @TempDir private Path temporary = Path.of("");

  private Path state() {
    return temporary.resolve("state");
  }

  /** Expects the daemon to end with this code and one sentence with these words. */
  private static void assertRefused(Daemon.Builder builder, int exit, String... words) {
    try (Child child = builder.launch()) {
      Child.Finished finished = child.finish(Duration.ofSeconds(30)).expectExit(exit);
      List<String> said =
          finished.stderr().lines().filter(line -> line.startsWith("veilor-seed: ")).toList();
      assertThat(said).as(finished.stderr()).hasSize(1);
      assertThat(said.getFirst()).contains(words);
      System.out.println(said.getFirst());
    }
  }

  @Test
  void aBusyPort() throws IOException {
    try (var busy = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      String address = "127.0.0.1:" + busy.getLocalPort();
      assertRefused(
          Daemon.on(state()).shortLived().listen(address),
          1,
          address,
          "stop the program that uses it");
    }
  }

  @Test
  void aSecondDaemonOnTheSameState() {
    try (Daemon first = Daemon.on(state()).shortLived().start()) {
      assertRefused(Daemon.on(state()).shortLived(), 1, "another veilor-seed", "--state");
      assertThat(first.status().path("pid").asLong()).isEqualTo(first.child().pid());
    }
  }

  @Test
  void aFolderThatIsNotThere() {
    assertRefused(
        Daemon.on(state()).shortLived().service("media", temporary.resolve("nowhere")),
        2,
        "nowhere",
        "make it");
  }

  @Test
  void aStateFolderThatMayNotBeWritten() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "no folder");
    assertRefused(Daemon.on(file), 1, file.toString());
  }

  @Test
  void aServiceFolderThatMayNotBeRead() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("media"));
    Path file = TestFiles.png(folder.resolve("a.png"), 1000, 1);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("---------"));
    Daemon.Builder builder = Daemon.on(state()).shortLived().service("media", folder);
    if (Files.isReadable(folder)) {
      // Root may read everything, unless it gives that right away.
      builder.prefix(List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search"));
    }
    try (Daemon daemon = builder.start()) {
      assertThat(daemon.child().stderr()).contains("may not be read; give this user the right to");
      daemon.await(
          "an alert names it", Duration.ofSeconds(20), d -> !d.status().path("alerts").isEmpty());
      System.out.println("alert: " + daemon.status().path("alerts").get(0).asText());
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      daemon.cli("resume", "media");
      daemon.await(
          "the file is seeded",
          Duration.ofSeconds(20),
          d -> d.why(file).path("seeded").asBoolean());
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void aDamagedDatabaseIsRebuilt() throws IOException {
    Path folder = temporary.resolve("media");
    for (int i = 0; i < 20; i++) {
      TestFiles.png(folder.resolve(i + ".png"), 1000, i);
    }
    String endpoint;
    try (Daemon first = Daemon.on(state()).shortLived().service("media", folder).start()) {
      first.await(
          "all are seeded",
          Duration.ofSeconds(20),
          d -> d.status().path("store").path("paths").asInt() == 20);
      endpoint = first.endpoint();
      first.kill();
    }
    int damaged = 0;
    try (Stream<Path> files = Files.walk(state())) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        String name = each.getFileName().toString();
        if (name.startsWith("MANIFEST") || name.equals("CURRENT") || name.endsWith(".sst")) {
          Files.write(each, "this is no database".getBytes(StandardCharsets.UTF_8));
          damaged++;
        }
      }
    }
    assertThat(damaged).isPositive();
    try (Daemon second = Daemon.on(state()).shortLived().service("media", folder).start()) {
      assertThat(second.endpoint()).as("the key is not in the database").isEqualTo(endpoint);
      second.await(
          "all are seeded again",
          Duration.ofSeconds(30),
          d -> d.status().path("store").path("paths").asInt() == 20);
      System.out.println("rebuilt: " + second.status().path("store").path("rebuilt").asText());
      assertThat(second.status().path("store").path("rebuilt").asText()).isNotEmpty();
    }
  }

  @Test
  void aFullDisk() throws IOException {
    Files.createDirectories(state());
    Path file = TestFiles.random(temporary.resolve("file.bin"), 30_000_000, 1);
    String mount = "mount -t tmpfs -o size=24m tmpfs \"$1\" && shift && exec \"$@\"";
    try (Daemon daemon =
        Daemon.on(state())
            .shortLived()
            .prefix(List.of("unshare", "-m", "sh", "-c", mount, "sh", state().toString()))
            .start()) {
      // What the daemon sees below its own root.
      Path seen = Path.of("/proc/" + daemon.child().pid() + "/root" + state());
      Path filler = seen.resolve("filler");
      fill(filler);
      Child.Finished full =
          Cli.run(temporary, Duration.ofSeconds(30), "add", "--raw", file, "--state", seen);
      System.out.println("full disk: " + full.stderr());
      assertThat(full.exit()).isEqualTo(1);
      assertThat(full.stderr().toLowerCase(java.util.Locale.ROOT)).containsAnyOf("space", "full");
      Files.delete(filler);
      String ticket =
          Cli.run(temporary, Duration.ofSeconds(30), "add", "--raw", file, "--state", seen)
              .expectExit(0)
              .stdout()
              .getLast();
      Path out = temporary.resolve("out");
      Peers.start("get", "--ticket", ticket, "--out", out).done();
      TestFiles.assertSame(file, out);
    }
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] block = new byte[4096];
      for (int i = 0; i < 10_000; i++) {
        out.write(block);
      }
      throw new AssertionError("the disk does not get full");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }
}
