package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Daemons in one service: what appears in the folder of one is fetched by the gateway of another
 * that has nothing but the invite, without anybody handing out a ticket.
 */
final class JoinTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path temporary = Path.of("");

  private Daemon.Builder daemon(String name) {
    return Daemon.on(temporary.resolve(name)).shortLived().gateway("127.0.0.1:0");
  }

  private static byte[] fetched(Daemon from, String hash) throws IOException {
    var answer = Http.ask(from.gateway() + "/blobs/" + hash);
    return answer.statusCode() == 200 ? answer.body() : new byte[0];
  }

  /** Who has it may be slow to answer the question: a client would ask again, too. */
  private static void awaitFetchable(Daemon from, String hash) {
    from.await(
        "somebody has it",
        SOON,
        d -> {
          try {
            return fetched(d, hash).length > 0;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static void awaitNeighbor(Daemon daemon, String service) {
    daemon.await(
        "a neighbour",
        SOON,
        d -> d.status().path("topics").path(service).path("neighbors").asInt() > 0);
  }

  @Test
  void oneLineOfTextIsAllThatAnotherNodeNeeds() throws IOException {
    Path media = temporary.resolve("media");
    Path old = TestFiles.png(media.resolve("old.png"), 30_000, 1);
    Path config =
        TestFiles.config(
            temporary, "seeding.settle = \"100ms\"", "seeding.settle_open = \"500ms\"");
    try (Daemon a =
            daemon("a").argument("--config").argument(config).service("media", media).start();
        Daemon b = daemon("b").start()) {
      a.await("seeding", SOON, d -> d.why(old).path("seeded").asBoolean());
      String invite = a.cli("invite", "media").stdout().getLast();
      assertThat(b.cli("join", invite).stdout().getLast()).contains("media");
      awaitNeighbor(a, "media");
      awaitNeighbor(b, "media");

      // What was there before is asked for, what is new is announced.
      awaitFetchable(b, a.hash(old));
      assertThat(fetched(b, a.hash(old))).isEqualTo(Files.readAllBytes(old));
      Path fresh = TestFiles.png(media.resolve("fresh.png"), 40_000, 2);
      a.await("seeding", SOON, d -> d.why(fresh).path("seeded").asBoolean());
      String hash = a.hash(fresh);
      b.await("the announcement", SOON, d -> !d.why(hash).path("providers").isEmpty());
      assertThat(b.why(hash).path("announced").path(0).path("provider").asText())
          .isEqualTo(a.endpoint());
      assertThat(fetched(b, hash)).isEqualTo(Files.readAllBytes(fresh));

      // A third one joins by way of the second while the first is away, and after a restart.
      String second = b.cli("invite", "media").stdout().getLast();
      a.kill();
      try (Daemon c = daemon("c").start()) {
        c.cli("join", second);
        awaitNeighbor(c, "media");
        awaitFetchable(c, hash);
        assertThat(fetched(c, hash)).isEqualTo(Files.readAllBytes(fresh));
        assertThat(c.cli("peers").stdout())
            .as("who gave the file is listed with what it gave")
            .anySatisfy(line ->
                assertThat(line).startsWith(b.endpoint()).contains("gave", "/iroh-gossip/1"));
        try (Daemon again = b.restart()) {
          awaitNeighbor(again, "media");
          assertThat(again.cli("leave", "media").stdout().getLast()).contains("left media");
          assertThat(again.tryCli("leave", "media").exit()).isEqualTo(4);
          assertThat(again.tryCli("join", "veilorservicexyz").exit()).isEqualTo(2);
        }
      }
    }
  }
}
