package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.EndpointConfig;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.TlsIdentity;

/**
 * Hostile and broken peers: the daemon stays up, its memory stays bounded, honest peers are served
 * meanwhile, and the counters tell.
 */
final class BadInputTest {
  /** Heap limit of the launcher, RocksDB, Netty and the JVM itself. */
  private static final long MAX_RSS_KIB = 700_000;

  private static final int SIZE = 20_000_001;
  private static final int INITIALS = 10_000;

  @TempDir private static Path shared = Path.of("");
  private static Path file = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Daemon daemon;

  @TempDir private Path temporary = Path.of("");

  private long cpuMillisBefore;

  @BeforeAll
  static void seed() {
    file = TestFiles.random(shared.resolve("file.bin"), SIZE, 1);
    daemon = Daemon.on(shared.resolve("state")).start();
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

  /** The first datagrams of so many handshakes, each with connection ids and keys of its own. */
  private static List<byte[]> initials() throws Exception {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 3);
    var random = new SplittableRandom(9);
    List<byte[]> alpns = List.of("/iroh-bytes/4".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    var client =
        new QuicEndpoint(
            new EndpointConfig(
                new TlsIdentity(seed),
                alpns,
                List.of(CipherSuite.TLS_AES_128_GCM_SHA256),
                seed,
                TransportConfig.defaults(),
                INITIALS,
                INITIALS,
                INITIALS),
            random::nextBytes);
    var local = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1);
    var remote = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2);
    byte[] key = EndpointId.parse(daemon.endpoint()).toBytes();
    byte[] buffer = new byte[1 << 16];
    List<byte[]> datagrams = new ArrayList<>();
    for (int i = 0; i < INITIALS; i++) {
      var _ = client.connect(List.of(new NetworkPath(local, remote)), key, alpns, 0);
      for (Transmit transmit = client.nextTransmit(buffer, 1, 0);
          transmit != null;
          transmit = client.nextTransmit(buffer, 1, 0)) {
        datagrams.add(Arrays.copyOf(buffer, transmit.length()));
      }
    }
    return datagrams;
  }

  @Test
  void tenThousandConnectionAttemptsASecondAndMutatedOnes() throws Exception {
    List<byte[]> initials = initials();
    assertThat(initials).hasSizeGreaterThanOrEqualTo(INITIALS);
    Peer honest = Peers.start("get", "--ticket", daemon.ticket(file), "--repeat", 3, "--rehash");
    double seconds = 0;
    for (int second = 0; second < 3; second++) {
      long began = System.nanoTime();
      for (int part = 0; part < 20; part++) {
        int size = initials.size() / 20;
        var _ = flood(initials.subList(part * size, (part + 1) * size), size);
        long early = began + (part + 1) * 50_000_000L - System.nanoTime();
        Deadline.pause(Duration.ofNanos(Math.max(0, early)));
      }
      seconds += (System.nanoTime() - began) / 1e9;
    }
    JsonNode peers = daemon.status().path("peers");
    report(3 * initials.size() + " connection attempts", seconds);
    System.out.println(peers);
    assertThat(honest.done(Duration.ofMinutes(1)).path("bytes").asLong()).isEqualTo(3L * SIZE);
    assertThat(
            peers.path("retries_sent").asLong()
                + peers.path("connections_refused").asLong()
                + peers.path("handshakes").asLong())
        .as(peers.toString())
        .isPositive();
    assertThat(peers.path("handshakes").asLong()).isLessThanOrEqualTo(1024);

    var random = new SplittableRandom(10);
    List<byte[]> mutated = new ArrayList<>();
    for (byte[] each : initials) {
      byte[] copy = Arrays.copyOf(each, random.nextInt(4) == 0 ? each.length / 2 : each.length);
      for (int i = 0; i < 3; i++) {
        copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
      }
      mutated.add(copy);
    }
    report("mutated ones", flood(mutated, mutated.size()));
    assertHonestPeerIsServed();
    daemon.await(
        "the attempts are forgotten",
        Duration.ofSeconds(40),
        d -> d.counter("handshakes") == 0 && d.counter("connections") == 0);
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
        "the requests are open", Duration.ofSeconds(5), d -> d.counter("requests_open") >= 90);
    assertHonestPeerIsServed();
    Peer.Result result = raw.finish(Duration.ofSeconds(30));
    assertThat(result.all("response"))
        .hasSize(100)
        .allSatisfy(each -> assertThat(each.path("end").asText()).isNotEqualTo("open"));
    assertThat(daemon.counter("requests_open")).isZero();
    assertThat(daemon.counter("provider_requests_refused")).isGreaterThanOrEqualTo(100);
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
    Deadline.pause(Duration.ofSeconds(2));
    assertThat(daemon.child().rssKib()).as("KiB").isLessThan(MAX_RSS_KIB);
    report("400 requests of readers that never read", 2);
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
