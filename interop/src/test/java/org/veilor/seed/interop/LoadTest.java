package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many streams, many connections and many bytes at once. */
@Order(4)
final class LoadTest {
  private static final long GIB = 1L << 30;

  @TempDir private static Path shared = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void start() {
    daemon = Daemon.on(shared.resolve("state")).start();
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static Path add(Path file) {
    daemon.cli("add", "--raw", file);
    return file;
  }

  @Test
  void aHundredStreamsOfOneConnectionAreServedAtOnce() {
    Path file = add(TestFiles.random(temporary.resolve("file.bin"), 300_001, 1));
    JsonNode done =
        Peers.start(
                "get",
                "--ticket",
                daemon.ticket(file),
                "--parallel",
                100,
                "--repeat",
                2,
                "--rehash")
            .done(Duration.ofMinutes(1));
    assertThat(done.path("requests").asInt()).isEqualTo(200);
    assertThat(done.path("bytes").asLong()).isEqualTo(200 * 300_001L);
  }

  @Test
  void twoHundredConnectionsFetchAtOnce() {
    Path file = add(TestFiles.random(temporary.resolve("file.bin"), 100_001, 1));
    JsonNode fetched =
        Peers.start("get", "--ticket", daemon.ticket(file), "--connections", 200, "--repeat", 3)
            .done(Duration.ofMinutes(1));
    assertThat(fetched.path("bytes").asLong()).isEqualTo(600 * 100_001L);
  }

  @Test
  void aThousandConnectionsAreHeldForAMinuteWhileFourGibibytesArrive() {
    Path file = add(TestFiles.random(temporary.resolve("file.bin"), 100_001, 1));
    long idleRss = daemon.child().rssKib();
    Peer many =
        Peers.start(
            "many",
            "--addr",
            daemon.target(),
            "--connections",
            1000,
            "--per-endpoint",
            50,
            "--parallel",
            8,
            "--hold",
            60,
            "--hash",
            daemon.hash(file));
    JsonNode connected = many.await("connected", Duration.ofMinutes(3));
    assertThat(connected.path("connections").asInt()).isEqualTo(1000);
    assertThat(connected.path("failed").asInt()).isZero();
    assertThat(daemon.counter("connections")).isGreaterThanOrEqualTo(1000);
    long heldRss = daemon.child().rssKib();
    Duration cpuBefore = daemon.child().cpu();
    fetchFourGibibytes();
    JsonNode done = many.done(Duration.ofMinutes(3));
    assertThat(done.path("alive").asInt()).isEqualTo(1000);
    System.out.printf(
        "1,000 connections held for 60 s, and the 4 GiB meanwhile: connect p50 %.1f ms, RSS %d -> %d KiB, %d ms of CPU%n",
        connected.path("p50_ms").asDouble(),
        idleRss,
        heldRss,
        daemon.child().cpu().minus(cpuBefore).toMillis());
    daemon.await(
        "the connections are forgotten",
        Duration.ofSeconds(40),
        d -> d.counter("connections") == 0 && d.counter("requests_open") == 0);
  }

  private void fetchFourGibibytes() {
    Path file = TestFiles.sparse(temporary.resolve("large.bin"), 4 * GIB, 4);
    long began = System.nanoTime();
    String ticket = daemon.cli("add", "--raw", file).stdout().getLast();
    double importSeconds = (System.nanoTime() - began) / 1e9;
    JsonNode done = Peers.start("get", "--ticket", ticket).done(Duration.ofMinutes(3));
    assertThat(done.path("bytes").asLong()).isEqualTo(4 * GIB);
    System.out.printf(
        "4 GiB: imported in %.1f s, fetched and verified in %.1f s (%.0f MiB/s), daemon RSS %d KiB%n",
        importSeconds,
        done.path("seconds").asDouble(),
        done.path("mib_per_s").asDouble(),
        daemon.child().rssKib());
  }
}
