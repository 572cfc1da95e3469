package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code make dist} makes: it runs wherever it is moved to, with the caches of the Java that
 * made them, and without them under another one. Needs the jars that Maven packages before.
 */
@Order(2)
final class DistributionTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /**
   * Has the JVM say whether it could use the cache, of which the launcher wants to hear nothing.
   */
  private static final Map<String, String> TALKATIVE = Map.of("JAVA_OPTS", "-Xlog:aot:stderr");

  private static final String USED = "Using AOT-linked classes: true";

  @TempDir private Path temporary = Path.of("");

  private static void tool(String name, Path made) {
    List<String> command = List.of(REPOSITORY.resolve("tools/" + name).toString(), made.toString());
    Child.start(REPOSITORY, Map.of(), command).finish(LIMIT).expectExit(0);
  }

  private Child.Finished version(Path moved, Map<String, String> environment) {
    var command = List.of(moved.resolve("bin/veilor-seed").toString(), "--version");
    return Child.start(temporary, environment, command).finish(LIMIT).expectExit(0);
  }

  @Test
  void itRunsWhereverItIsMovedWithTheCachesOfItsJavaAndWithoutThoseOfAnother() throws IOException {
    Path made = temporary.resolve("made");
    tool("make-dist", made);
    tool("train", made);
    Path moved = temporary.resolve("opt/veilor-seed");
    Files.createDirectories(moved.getParent());
    Files.move(made, moved);

    Child.Finished plain = version(moved, Map.of());
    assertThat(plain.stdout()).hasSize(1).first().asString().startsWith("veilor-seed ");
    assertThat(plain.stderr()).isEmpty();
    assertThat(version(moved, TALKATIVE).stderr()).contains(USED);

    // The daemon, with vectors: its module is what keeps the JVM from linking ahead of time.
    var run =
        List.of(
            moved.resolve("bin/veilor-seed").toString(),
            "run",
            "--state",
            temporary.resolve("state").toString(),
            "--listen",
            "127.0.0.1:0",
            "--gateway",
            "127.0.0.1:0");
    try (Child daemon = Child.start(temporary, TALKATIVE, run)) {
      Deadline deadline = Deadline.after(LIMIT);
      assertThat(daemon.nextLine(deadline)).startsWith("READY ");
      daemon.terminate();
      assertThat(daemon.finish(LIMIT).expectExit(0).stderr())
          .contains("Opened AOT cache", "daemon.aot");
    }

    Files.writeString(moved.resolve("lib/aot/release"), "JAVA_VERSION=\"another\"\n");
    Child.Finished other = version(moved, TALKATIVE);
    assertThat(other.stdout()).hasSize(1);
    assertThat(other.stderr()).doesNotContain(USED, ".aot");
  }
}
