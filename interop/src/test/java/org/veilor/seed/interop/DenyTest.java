package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code deny} and {@code allow}: a denied blob is given neither to Rust getters nor to HTTP
 * clients, fetched no more and evicted, also after SIGKILL and with the database built anew.
 */
final class DenyTest {
  private static final int REFUSED = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path temporary = Path.of("");
  private Path fetched = Path.of("");
  private Path seeded = Path.of("");

  private void assertDenied(Daemon daemon, String cached, String local) throws IOException {
    for (String hash : new String[] {cached, local}) {
      var answer = Http.ask(daemon.gateway() + "/blobs/" + hash);
      assertThat(answer.statusCode()).as(hash).isEqualTo(451);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("a court wants it");
      assertThat(daemon.why(hash).path("state").asText()).isEqualTo("denied");
      Peer getter = Peers.start("get", "--addr", daemon.target(), "--hash", hash);
      assertThat(getter.finish(LIMIT).exit()).as("a getter of " + hash).isNotZero();
      assertThat(daemon.tryCli("ticket", hash).exit()).isEqualTo(REFUSED);
    }
    assertThat(daemon.cached()).doesNotContainKey(cached);
    assertThat(daemon.tryCli("pin", cached).exit()).isEqualTo(REFUSED);
    assertThat(daemon.cached()).doesNotContainKey(cached);
    assertThat(daemon.status().path("denied_blobs").asInt()).isEqualTo(2);
  }

  private void assertGiven(Daemon daemon, String cached, String local) throws IOException {
    assertThat(Http.get(daemon.gateway() + "/blobs/" + cached))
        .isEqualTo(Files.readAllBytes(fetched));
    assertThat(Http.get(daemon.gateway() + "/blobs/" + local))
        .isEqualTo(Files.readAllBytes(seeded));
    Path into = temporary.resolve("into");
    Peers.start("get", "--addr", daemon.target(), "--hash", local, "--out", into).done(LIMIT);
    TestFiles.assertSame(seeded, into);
  }

  @Test
  void whatIsDeniedIsGoneUntilItIsAllowed() throws IOException {
    fetched = TestFiles.random(temporary.resolve("fetched"), 300_000, 1);
    seeded = TestFiles.random(temporary.resolve("seeded"), 200_000, 2);
    try (Peer provider = Peers.start("provide", fetched)) {
      Path config =
          TestFiles.config(temporary, "cache.peers = [\"%s\"]".formatted(provider.target()));
      Daemon daemon =
          Daemon.on(temporary.resolve("state"))
              .shortLived()
              .gateway("127.0.0.1:0")
              .argument("--config")
              .argument(config)
              .start();
      String cached = provider.item(0).path("hash").asText();
      daemon.cli("add", seeded);
      String local = daemon.hash(seeded);
      assertGiven(daemon, cached, local);
      daemon.cli("pin", cached);

      daemon.cli("deny", cached, local, "--reason", "a court wants it");
      daemon.kill();
      try (Daemon next = daemon.restart()) {
        assertDenied(next, cached, local);
        assertThat(next.cli("ls", "--denied").stdout()).hasSize(2);
        next.stop();
        try (Stream<Path> database = Files.walk(temporary.resolve("state/db"))) {
          for (Path each : database.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(each);
          }
        }
        try (Daemon rebuilt = next.restart()) {
          assertThat(rebuilt.tryCli("add", seeded).exit()).isEqualTo(REFUSED);
          assertDenied(rebuilt, cached, local);
          rebuilt.cli("allow", cached, local);
          assertThat(rebuilt.tryCli("allow", cached).exit()).isEqualTo(REFUSED);
          assertGiven(rebuilt, cached, local);
        }
      }
    }
  }
}
