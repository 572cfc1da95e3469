package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.seeding.TestMedia;

/** {@code catalogue} and {@code forget} against an origin without a network. */
class CatalogueCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path temp = Path.of("");

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + 100_000_000_000L;
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waiting for: " + what).isLessThan(end);
      Thread.sleep(10);
    }
  }

  private static JsonNode catalogue(DaemonRun run) throws Exception {
    return JSON.readTree(run.command("catalogue", "media", "--json").out()).path("origins").get(0);
  }

  @Test
  void anOriginListsItsFilesAndForgetsThem() throws Exception {
    Path media = Files.createDirectories(temp.toRealPath().resolve("media/sub"));
    Path file = TestMedia.write(media.resolve("f.png"), 1);
    Path config =
        Files.writeString(
            temp.resolve("config.toml"),
            "[seeding]\nsettle = \"50ms\"\nsettle_open = \"200ms\"\n[[service]]\nname = \"media\"\n"
                + "names = \"clear\"\ndirectory = \""
                + media.getParent()
                + "\"\n");
    Hash hash = Blake3Hasher.hash(Files.readAllBytes(file));
    Path state = temp.resolve("state");
    try (DaemonRun run = DaemonRun.start(state, "--config", config.toString())) {
      await("hashing", () -> run.command("ls").out().contains(hash.toString()));
      assertThat(run.command("catalogue", "media").exitCode()).isEqualTo(4);
      assertThat(run.command("forget", hash.toString()).exitCode()).as("no origin").isEqualTo(4);
      assertThat(run.command("invite", "media").exitCode()).isZero();
      await("a catalogue", () -> catalogue(run).path("entries").asLong() == 1);

      String listed = run.command("catalogue", "media").out();
      assertThat(listed).contains("(this node)").contains("generation  ").contains("names       c");
      assertThat(listed).contains("ticket      blob").containsPattern(hash + " .* sub/f.png\n");
      JsonNode entries =
          JSON.readTree(run.command("catalogue", "media", "--json", "--entries").out());
      assertThat(entries).hasSize(1);
      assertThat(entries.get(0).path("media_type").asText()).isEqualTo("image/png");
      assertThat(run.command("catalogue", "media", "--entries").exitCode()).isEqualTo(2);

      String other = Blake3Hasher.hash(new byte[] {1}).toString();
      assertThat(run.command("forget", other).exitCode()).isEqualTo(4);
      assertThat(run.command("forget", "--days", "0", hash.toString()).exitCode()).isEqualTo(2);
      assertThat(run.command("forget", "--service", "no", other).exitCode()).isEqualTo(5);
      assertThat(run.command("forget", "--service", "media", other).exitCode()).isZero();
      assertThat(run.command("forget", hash.toString()).out())
          .isEqualTo("forgotten " + hash + " in media\n");
      assertThat(run.command("why", hash.toString()).out()).contains("forgotten");
    }
    try (DaemonRun again = DaemonRun.start(state, "--config", config.toString())) {
      assertThat(again.command("why", hash.toString()).out()).contains("forgotten");
      await(
          "a catalogue without it",
          () -> {
            JsonNode known = catalogue(again);
            return known.has("root") && known.path("entries").asLong() == 0;
          });
      assertThat(again.command("leave", "media").exitCode()).isZero();
      await("leaving", () -> again.command("catalogue", "media").exitCode() == 4);
    }
  }
}
