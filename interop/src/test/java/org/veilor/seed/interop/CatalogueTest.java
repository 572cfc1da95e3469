package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a service held before anybody joined: another daemon, with one line of text, finds its files
 * by their paths, also when the origin is away, and what the origin has forgotten is gone
 * everywhere. The catalogue and, where names are clear, the collection are read by real iroh peers.
 */
final class CatalogueTest {
  private static final Duration SOON = Duration.ofSeconds(100);
  private static final int FILES = 1_000;

  @TempDir private Path temporary = Path.of("");

  private Daemon.Builder daemon(String name) {
    return Daemon.on(temporary.resolve(name)).shortLived().gateway("127.0.0.1:0");
  }

  private Daemon.Builder origin(Path media, String names) {
    Path config = TestFiles.originConfig(temporary, "media", media, names);
    return daemon("a").argument("--config").argument(config);
  }

  private static JsonNode catalogue(Daemon daemon) {
    return daemon.catalogue("media");
  }

  private static void awaitEntries(Daemon daemon, long entries) {
    daemon.await(
        "a catalogue of " + entries, SOON, d -> catalogue(d).path("entries").asLong() == entries);
  }

  private static int status(Daemon daemon, String path) throws IOException {
    return Http.ask(daemon.gateway() + path).statusCode();
  }

  @Test
  void whoeverJoinsFindsWhatWasThereBeforeAndForgetsWhatIsForgotten() throws IOException {
    Path media = temporary.resolve("media");
    for (int i = 0; i < FILES; i++) {
      TestFiles.picture(media.resolve("sub" + i % 3 + "/old-" + i + ".png"), i);
    }
    Path one = media.resolve("sub1/old-1.png");
    Path two = media.resolve("sub2/old-2.png");
    Daemon.Builder start = origin(media, "hidden");
    try (Daemon a = start.start();
        Daemon b = daemon("b").start()) {
      a.await("seeding", SOON, d -> d.list().size() == FILES);
      b.join(a.invite("media"));
      awaitEntries(b, FILES);

      // By path, of a file that was announced long before the second node was born.
      assertThat(Http.get(b.gateway() + "/s/media/sub1/old-1.png"))
          .isEqualTo(Files.readAllBytes(one));
      assertThat(Http.get(b.gateway() + "/s/media/media/sub2/old-2.png"))
          .isEqualTo(Files.readAllBytes(two));
      assertThat(status(b, "/s/media/sub1/none.png")).isEqualTo(404);
      assertThat(status(b, "/s/media/")).as("names are hidden").isEqualTo(404);

      // What only stands in the catalogue has the size that the origin signed, and stays there.
      Path three = media.resolve("sub0/old-3.png");
      HttpResponse<byte[]> head = Http.ask(b.gateway() + "/s/media/sub0/old-3.png", "HEAD");
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(Files.size(three));
      assertThat(b.cached(a.hash(three)).isMissingNode()).as("nothing was fetched").isTrue();
      assertThat(status(b, "/s/other/sub1/old-1.png")).isEqualTo(404);

      // A change becomes another generation, without anybody asking.
      long generation = catalogue(b).path("generation").asLong();
      Path fresh = TestFiles.png(media.resolve("fresh.png"), 4_000, 1_000);
      awaitEntries(b, FILES + 1);
      assertThat(catalogue(b).path("generation").asLong()).isGreaterThan(generation);
      String hash = a.hash(fresh);
      assertThat(Http.get(b.gateway() + "/s/media/fresh.png")).isEqualTo(Files.readAllBytes(fresh));

      // An unmodified client of iroh-blobs reads the catalogue from the member that keeps it.
      String root = catalogue(b).path("root").asText();
      JsonNode read = Peers.start("get", "--addr", b.target(), "--hash", root, "--hashseq").done();
      assertThat(read.path("blobs").asLong())
          .as("root, header, pages")
          .isEqualTo(catalogue(b).path("pages").asLong() + 2);

      // The origin is away; a third one learns all from the second.
      String invite = b.invite("media");
      a.kill();
      try (Daemon c = daemon("c").start()) {
        c.join(invite);
        awaitEntries(c, FILES + 1);
        assertThat(Http.get(c.gateway() + "/s/media/fresh.png"))
            .isEqualTo(Files.readAllBytes(fresh));

        try (Daemon again = a.restart()) {
          again.cli("forget", hash);
          for (Daemon each : List.of(again, b, c)) {
            each.await(
                "forgetting", SOON, d -> d.why(hash).path("why").asText().contains("forgotten"));
            assertThat(status(each, "/blobs/" + hash)).isEqualTo(451);
          }
          awaitEntries(c, FILES);
          assertThat(c.cached(hash).isMissingNode()).isTrue();
          try (Daemon later = b.restart()) {
            assertThat(status(later, "/blobs/" + hash)).isEqualTo(451);
            assertThat(catalogue(later).path("entries").asLong()).isEqualTo(FILES);
          }
          assertThat(c.tryCli("forget", "--service", "media", hash).exit()).isEqualTo(5);
        }
      }
    }
  }

  @Test
  void aMirrorWithClearNamesIsFetchedWholeBySendme() throws IOException {
    Path media = temporary.resolve("media");
    for (int i = 0; i < 20; i++) {
      TestFiles.png(media.resolve("a/b" + i % 2 + "/file " + i + ".png"), 2_000 + i, i);
    }
    TestFiles.png(media.resolve("a/<script>50%41.png"), 2_100, 21);
    try (Daemon a = origin(media, "clear").start();
        Daemon b = daemon("b").start()) {
      a.await("seeding", SOON, d -> d.list().size() == 21);
      b.join(a.invite("media"));
      a.await("a collection", SOON, d -> catalogue(d).has("ticket"));
      awaitEntries(a, 21);
      awaitEntries(b, 21);
      for (Daemon each : List.of(a, b)) {
        String page = new String(Http.get(each.gateway() + "/s/media/a/"), StandardCharsets.UTF_8);
        assertThat(page)
            .contains("href=\"b0/\"", "href=\"%3Cscript%3E50%2541.png\"")
            .contains("&lt;script&gt;50%41.png")
            .doesNotContain("<script", "http:");
        assertThat(status(each, "/s/media/a/%3Cscript%3E50%2541.png")).isEqualTo(200);
        assertThat(status(each, "/s/media/b/")).isEqualTo(404);
      }
      assertThat(a.cli("catalogue", "media").stdout())
          .anyMatch(line -> line.endsWith("a/b1/file 7.png"));
      Path into = Files.createDirectories(temporary.resolve("into"));
      Sendme.receive(into, catalogue(a).path("ticket").asText(), Peer.USUAL).expectExit(0);
      TestFiles.assertSameTree(media, into);
    }
  }
}
