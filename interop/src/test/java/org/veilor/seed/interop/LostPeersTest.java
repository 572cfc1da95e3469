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

/** Getters that restart, vanish, stand still or move: our daemon goes on and keeps nothing. */
@Order(5)
final class LostPeersTest {
  private static final int SIZE = 30_000_001;

  @TempDir private static Path shared = Path.of("");
  private static Path file = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @BeforeAll
  static void seed() {
    file = TestFiles.random(shared.resolve("file.bin"), SIZE, 1);
    daemon = Daemon.on(shared.resolve("state")).shortLived().start();
    daemon.cli("add", "--raw", file);
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  /** Longer than the idle timeout of 30 s. */
  private static void awaitNothingHeld() {
    daemon.await(
        "nothing is held for lost peers",
        Duration.ofSeconds(40),
        d ->
            d.counter("connections") == 0
                && d.counter("requests_open") == 0
                && d.status().path("store").path("open_leases").asInt() == 0);
  }

  private static Peer slowGetter(Object... more) {
    Object[] usual = {
      "get",
      "--ticket",
      daemon.ticket(file),
      "--rehash",
      "--progress-every",
      1_000_000,
      "--read-delay-ms",
      1
    };
    Object[] all = java.util.Arrays.copyOf(usual, usual.length + more.length);
    System.arraycopy(more, 0, all, usual.length, more.length);
    return Peers.start(all);
  }

  private static void assertGood(JsonNode done) {
    assertThat(done.path("blake3").asText()).isEqualTo(daemon.hash(file));
  }

  @Test
  void killedAndStoppedGettersAreForgottenAndComeBack() {
    Peer still = slowGetter();
    still.await("progress");
    still.pause();
    long freshRss = 0;
    for (int i = 0; i < 10; i++) {
      Peer getter = slowGetter("--secret", "22".repeat(32));
      getter.await("progress");
      getter.kill();
      if (i == 4) {
        freshRss = daemon.child().rssKib();
      }
    }
    // The same endpoint returns while the connections of its former lives are still there.
    assertThat(daemon.counter("connections")).isPositive();
    assertGood(slowGetter("--secret", "22".repeat(32)).done());
    awaitNothingHeld();
    assertThat(daemon.child().rssKib()).as("KiB").isLessThan(freshRss + 100_000);
    still.resume();
    assertThat(still.finish(Duration.ofMinutes(1)).exit()).as("too late").isEqualTo(1);
  }

  @Test
  void aGetterThatStoodStillGoesOn() {
    try (Peer getter = slowGetter()) {
      getter.await("progress");
      getter.pause();
      Deadline.pause(Duration.ofSeconds(4));
      getter.resume();
      assertGood(getter.done(Duration.ofMinutes(1)));
    }
  }

  @Test
  void aGetterThatChangesItsPortGoesOn() {
    Peer getter =
        Peers.start(
            "get",
            "--ticket",
            daemon.ticket(file),
            "--rehash",
            "--rebind-after-bytes",
            5_000_000,
            "--rebind-times",
            4);
    JsonNode done = getter.done();
    assertThat(done.path("rebinds").asInt()).isEqualTo(4);
    assertGood(done);
  }

  @Test
  void aBlackHoleInTheMiddleIsSurvived() {
    try (Proxy proxy =
        Proxy.to(daemon.listen().getFirst()).rateMbit(60, Duration.ofMillis(20)).start()) {
      Peer getter =
          Peers.start(
              "get",
              "--addr",
              proxy.target(daemon.endpoint()),
              "--hash",
              daemon.hash(file),
              "--noq",
              "--rehash",
              "--progress-every",
              1_000_000);
      getter.await("progress");
      var _ = proxy.set("blackhole on");
      Deadline.pause(Duration.ofSeconds(3));
      var _ = proxy.set("blackhole off");
      assertGood(getter.done(Duration.ofMinutes(1)));
    }
  }

  @Test
  void aStoppedRequestIsGivenUp() {
    Peer.Result result =
        Peers.start(
                "raw",
                "--addr",
                daemon.target(),
                "--request",
                "00" + daemon.hash(file) + "020001000100",
                "--stop-after",
                100_000,
                "--stop-code",
                5)
            .finish(Peer.USUAL);
    assertThat(result.last("response").path("end").asText()).isEqualTo("stopped");
    daemon.await(
        "the request is given up", Duration.ofSeconds(15), d -> d.counter("requests_open") == 0);
  }

  @Test
  void ourDaemonRestartsAndItsGetterComesBack() {
    Path state = shared.resolve("restarted");
    Daemon first = Daemon.on(state).start();
    first.cli("add", "--raw", file);
    String ticket = first.ticket(file);
    Peer getter =
        Peers.start("get", "--ticket", ticket, "--read-delay-ms", 5, "--progress-every", 1_000_000);
    getter.await("progress");
    first.kill();
    try (Daemon second = first.restart()) {
      assertThat(second.target()).isEqualTo(first.target());
      // A stateless reset tells it at once that the connection is gone.
      Peer.Result broken = getter.finish(Duration.ofSeconds(15));
      assertThat(broken.last("failed").path("kind").asText()).isEqualTo("read");
      assertThat(second.counter("stateless_resets_sent")).isPositive();
      assertGood(Peers.start("get", "--ticket", ticket, "--rehash").done());
    }
  }
}
