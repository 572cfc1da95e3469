package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transfers through a network that loses, delays, reorders, duplicates, corrupts and forgets. The
 * getter is bare QUIC: iroh's own would tell its address and leave the proxy out.
 */
final class BadNetworkTest {
  private static final int SIZE = 3_000_001;
  private static final Duration ONE_WAY = Duration.ofMillis(25);

  @TempDir private static Path shared = Path.of("");
  private static Path file = Path.of("");
  private static String hash = "";

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @TempDir private Path temporary = Path.of("");

  @BeforeAll
  static void seed() {
    file = TestFiles.random(shared.resolve("file.bin"), SIZE, 1);
    daemon = Daemon.on(shared.resolve("state")).shortLived().start();
    daemon.cli("add", "--raw", file);
    hash = daemon.hash(file);
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static Peer getter(String target, Object... more) {
    List<Object> arguments =
        new java.util.ArrayList<>(
            List.of("get", "--addr", target, "--hash", hash, "--noq", "--rehash"));
    arguments.addAll(List.of(more));
    return Peers.start(arguments.toArray());
  }

  private JsonNode fetch(Proxy.Builder network) {
    try (Proxy proxy = network.start()) {
      Path out = temporary.resolve("out");
      JsonNode done =
          getter(proxy.target(daemon.endpoint()), "--out", out).done(Duration.ofMinutes(1));
      TestFiles.assertSame(file, out);
      System.out.printf(
          "%s: %.2f MiB/s, %d of %d packets lost%n",
          network,
          done.path("mib_per_s").asDouble(),
          proxy.stats().path("down").path("lost").asLong(),
          proxy.stats().path("down").path("packets").asLong());
      return proxy.stats();
    }
  }

  private static Proxy.Builder network() {
    return Proxy.to(daemon.listen().getFirst()).seed(7);
  }

  @Test
  void onePercentIsLost() {
    assertThat(fetch(network().loss(0.01)).path("down").path("lost").asInt()).isPositive();
  }

  @Test
  void fivePercentAreLost() {
    assertThat(fetch(network().loss(0.05)).path("down").path("lost").asInt()).isPositive();
  }

  @Test
  void packetsAreReorderedAndDuplicated() {
    JsonNode stats =
        fetch(network().reorder(0.05, Duration.ofMillis(10)).duplicate(0.05).delay(ONE_WAY));
    assertThat(stats.path("down").path("reordered").asInt()).isPositive();
    assertThat(stats.path("down").path("duplicated").asInt()).isPositive();
  }

  @Test
  void everythingAtOnceAndAMappingThatIsForgotten() {
    JsonNode stats =
        fetch(
            network()
                .loss(0.02)
                .reorder(0.02, Duration.ofMillis(5))
                .duplicate(0.01)
                .corrupt(0.005)
                .delay(Duration.ofMillis(5))
                .resetMapping(100, 2));
    assertThat(stats.path("mapping_resets").asInt()).isEqualTo(2);
    assertThat(stats.path("down").path("corrupted").asInt()).isPositive();
  }

  @Test
  void aNarrowPathWithSmallPackets() {
    fetch(network().mtu(1252).rateMbit(50, Duration.ofMillis(20)).delay(Duration.ofMillis(5)));
  }

  /** What our CUBIC and the peer's make of the same losses; the benchmarks compare medians. */
  @Test
  void onePercentLossAndFiftyMillisecondsBesideTheRustProvider() {
    Path store = temporary.resolve("store");
    try (Peer provider = Peers.start("provide", "--store", "fs", "--dir", store, file)) {
      double ours = throughput(daemon.endpoint(), daemon.listen().getFirst(), 1);
      double theirs = throughput(provider.endpoint(), provider.addr(), 1);
      System.out.printf(
          "1 %% loss, 50 ms: ours %.2f MiB/s, Rust provider %.2f MiB/s%n", ours, theirs);
      assertThat(ours).isPositive();
    }
  }

  private static double throughput(String endpoint, String address, long seed) {
    try (Proxy proxy = Proxy.to(address).loss(0.01).delay(ONE_WAY).seed(seed).start()) {
      JsonNode done = getter(proxy.target(endpoint)).done(Duration.ofMinutes(2));
      assertThat(done.path("blake3").asText()).isEqualTo(hash);
      return done.path("mib_per_s").asDouble();
    }
  }
}
