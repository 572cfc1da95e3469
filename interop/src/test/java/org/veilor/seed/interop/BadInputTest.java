package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile and broken peers: the daemon stays up, its memory stays bounded, honest peers are served
 * meanwhile, and the counters tell.
 */
final class BadInputTest {
  /** Heap limit of the launcher, RocksDB, Netty and the JVM itself. */
  private static final long MAX_RSS_KIB = 700_000;

  private static final int SIZE = 20_000_001;
  private static final int INITIALS = 10_000;

  /** A quarter of {@code limits.connections} as it is without configuration. */
  private static final int RETRY_ABOVE = 256;

  private static final int MIN_RETRIES = 10_000;

  @TempDir private static Path shared = Path.of("");
  private static Path file = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @TempDir private Path temporary = Path.of("");

  private long cpuMillisBefore;

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

  @BeforeEach
  void note() {
    cpuMillisBefore = daemon.child().cpu().toMillis();
  }

  @AfterEach
  void theDaemonIsWell() {
    assertHonestPeerIsServed();
    assertThat(daemon.child().rssKib()).as("KiB").isLessThan(MAX_RSS_KIB);
  }

  private static void assertHonestPeerIsServed() {
    JsonNode done =
        Peers.start("get", "--ticket", daemon.ticket(file), "--rehash")
            .done(Duration.ofSeconds(30));
    assertThat(done.path("blake3").asText()).isEqualTo(daemon.hash(file));
  }

  private void report(String what, double seconds) {
    System.out.printf(
        "%s in %.1f s: %d ms of CPU, RSS %d KiB%n",
        what, seconds, daemon.child().cpu().toMillis() - cpuMillisBefore, daemon.child().rssKib());
  }

  /** Sends datagrams from several ports, as fast as the socket takes them. */
  private static double flood(List<byte[]> datagrams, int times) throws IOException {
    String address = daemon.listen().getFirst();
    var target =
        new InetSocketAddress(
            InetAddress.ofLiteral("127.0.0.1"),
            Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    long began = System.nanoTime();
    List<DatagramChannel> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        sockets.add(DatagramChannel.open());
      }
      for (int i = 0; i < times; i++) {
        byte[] datagram = datagrams.get(i % datagrams.size());
        var _ = sockets.get(i % 16).send(ByteBuffer.wrap(datagram), target);
      }
    } finally {
      for (DatagramChannel socket : sockets) {
        socket.close();
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  @Test
  void garbageDatagrams() throws Exception {
    var random = new SplittableRandom(8);
    List<byte[]> garbage = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(1400)];
      random.nextBytes(bytes);
      if (i % 3 == 0) {
        bytes[0] |= (byte) 0x40; // looks like a packet of a connection
      } else if (i % 3 == 1 && bytes.length > 5) {
        System.arraycopy(new byte[] {(byte) 0xc3, 0, 0, 0, 1}, 0, bytes, 0, 5); // an Initial
      }
      garbage.add(bytes);
    }
    Peer honest = Peers.start("get", "--ticket", daemon.ticket(file), "--repeat", 3, "--rehash");
    double seconds = flood(garbage, 200_000);
    assertThat(honest.done(Duration.ofMinutes(1)).path("bytes").asLong()).isEqualTo(3L * SIZE);
    assertThat(daemon.counter("garbage_datagrams")).isPositive();
    report("200,000 garbage datagrams", seconds);
  }

  private static List<byte[]> initials() throws Exception {
    List<byte[]> datagrams = new ArrayList<>();
    try (RawClient client = new RawClient(daemon, 9)) {
      for (int i = 0; i < INITIALS; i++) {
        datagrams.add(client.initial());
      }
    }
    return datagrams;
  }

  /**
   * 10,000 attempts a second, until an honest newcomer got its bytes and so many attempts were
   * answered that most of them met a Retry; how many of them reach the daemon is up to the machine.
   */
  @Test
  void tenThousandConnectionAttemptsASecondAndMutatedOnes() throws Exception {
    List<byte[]> initials = initials();
    JsonNode before = daemon.status().path("peers");
    long began = System.nanoTime();
    AtomicBoolean isEnough = new AtomicBoolean();
    var flood =
        CompletableFuture.supplyAsync(
            () -> attempts(initials, isEnough), Thread.ofPlatform().daemon()::start);
    daemon.await("a Retry", Duration.ofSeconds(30), d -> more("retries_sent", before, d) > 0);
    assertHonestPeerIsServed();
    daemon.await(
        "many attempts are answered",
        Duration.ofMinutes(1),
        d -> more("retries_sent", before, d) >= MIN_RETRIES && stayedWithinLimits(d));
    assertThat(flood).as("the flood went on all the time").isNotDone();
    isEnough.set(true);
    long attempts = flood.get(10, TimeUnit.SECONDS);
    JsonNode peers = daemon.status().path("peers");
    report(attempts + " connection attempts", (System.nanoTime() - began) / 1e9);
    System.out.println(peers);
    assertThat(more("connections_accepted", before, daemon))
        .as("taken on: %s", peers)
        .isGreaterThanOrEqualTo(RETRY_ABOVE);

    report("mutated ones", flood(mutated(initials), INITIALS));
    assertHonestPeerIsServed();
    daemon.await(
        "the attempts are forgotten",
        Duration.ofSeconds(40),
        d -> d.counter("handshakes") == 0 && d.counter("connections") == 0);
  }

  private static long more(String counter, JsonNode before, Daemon now) {
    return now.counter(counter) - before.path(counter).asLong();
  }

  private static boolean stayedWithinLimits(Daemon now) {
    assertThat(now.counter("handshakes")).isLessThanOrEqualTo(RETRY_ABOVE + 10);
    assertThat(now.child().rssKib()).as("KiB").isLessThan(MAX_RSS_KIB);
    return true;
  }

  /** 50 every 5 ms: more at once would only overflow the socket's buffer. Gives how many. */
  private static long attempts(List<byte[]> initials, AtomicBoolean isEnough) {
    long began = System.nanoTime();
    long sent = 0;
    while (!isEnough.get()) {
      int from = (int) (sent % initials.size());
      try {
        var _ = flood(initials.subList(from, from + 50), 50);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      sent += 50;
      long early = began + sent * 100_000 - System.nanoTime();
      Deadline.pause(Duration.ofNanos(Math.max(0, early)));
    }
    return sent;
  }

  private static List<byte[]> mutated(List<byte[]> initials) {
    var random = new SplittableRandom(10);
    List<byte[]> mutated = new ArrayList<>();
    for (byte[] each : initials) {
      byte[] copy = Arrays.copyOf(each, random.nextInt(4) == 0 ? each.length / 2 : each.length);
      for (int i = 0; i < 3; i++) {
        copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
      }
      mutated.add(copy);
    }
    return mutated;
  }

  @Test
  void requestsThatNeverEnd() throws Exception {
    Path requests = temporary.resolve("requests");
    Files.write(requests, Collections.nCopies(100, "\"00aabbcc\""));
    Peer raw =
        Peers.start(
            "raw",
            "--addr",
            daemon.target(),
            "--request",
            "@" + requests,
            "--no-fin",
            "--parallel",
            100,
            "--timeout-ms",
            20_000);
    daemon.await(
        "the requests are open", Duration.ofSeconds(15), d -> d.counter("requests_open") >= 90);
    assertHonestPeerIsServed();
    Peer.Result result = raw.finish(Duration.ofSeconds(30));
    assertThat(result.all("response"))
        .hasSize(100)
        .allSatisfy(each -> assertThat(each.path("end").asText()).isNotEqualTo("open"));
    assertThat(daemon.counter("requests_open")).isZero();
    assertThat(daemon.counter("provider_requests_refused")).isGreaterThanOrEqualTo(100);
  }

  /** Waits until the daemon sends hardly anything any more. */
  private static void awaitQuiet() {
    long[] sent = {Long.MAX_VALUE / 2};
    daemon.await(
        "nothing more is sent",
        Duration.ofSeconds(10),
        d -> {
          long before = sent[0];
          sent[0] = d.counter("sent_bytes");
          return sent[0] - before < 10_000 && before < Long.MAX_VALUE / 2;
        });
  }

  @Test
  void readersThatNeverRead() throws Exception {
    Path requests = temporary.resolve("requests");
    String request = "\"00" + daemon.hash(file) + "020001000100\"";
    Files.write(requests, Collections.nCopies(100, request));
    List<Peer> idle = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      idle.add(
          Peers.start(
              "raw",
              "--addr",
              daemon.target(),
              "--request",
              "@" + requests,
              "--no-read",
              "--parallel",
              100,
              "--timeout-ms",
              6000));
    }
    daemon.await(
        "they wait with open requests",
        Duration.ofSeconds(10),
        d -> d.counter("requests_open") >= 300);
    // As much as they are given room for has been sent, and nothing more comes.
    long began = System.nanoTime();
    awaitQuiet();
    assertThat(daemon.child().rssKib()).as("KiB").isLessThan(MAX_RSS_KIB);
    report("400 requests of readers that never read", (System.nanoTime() - began) / 1e9);
    assertHonestPeerIsServed();
    idle.forEach(each -> assertThat(each.finish(Duration.ofSeconds(30)).exit()).isZero());
    daemon.await("they are given up", Duration.ofSeconds(40), d -> d.counter("requests_open") == 0);
  }

  @Test
  void anUnknownProtocolAndAnOversizedRequest() throws Exception {
    Peer.Result unknown =
        Peers.start("raw", "--addr", daemon.target(), "--request", "00", "--alpn", "nope/0")
            .finish(Peer.USUAL);
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.last("error").path("message").asText()).contains("error 120");

    Path request = temporary.resolve("large");
    Files.writeString(request, '"' + "00" + "aa".repeat(3 << 20) + '"');
    JsonNode response =
        Peers.start("raw", "--addr", daemon.target(), "--request", "@" + request)
            .finish(Peer.USUAL)
            .last("response");
    assertThat(response.path("end").asText()).isNotEqualTo("open");
    assertThat(response.path("length").asInt()).isZero();
  }
}
