package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.net.BlockingStream;
import org.veilor.seed.net.ConnectionClosedException;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.quic.connection.ConnectionStats;
import org.veilor.seed.quic.connection.TransportConfig;

/** Our endpoint in this JVM as client and as server of real peers. */
@Timeout(120)
final class EndpointTest {
  private static final SecretKey OURS = SecretKey.of(filled(1));

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static IrohEndpoint.Builder builder() {
    return IrohEndpoint.builder(OURS)
        .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  private static IrohEndpoint client() throws IOException {
    return builder().start();
  }

  private static EndpointAddr addr(String id, String... addresses) throws MalformedException {
    List<TransportAddr> all = new ArrayList<>();
    for (String each : addresses) {
      int colon = each.lastIndexOf(':');
      all.add(
          TransportAddr.Ip.of(
              new InetSocketAddress(
                  InetAddress.ofLiteral(each.substring(0, colon)),
                  Integer.parseInt(each.substring(colon + 1)))));
    }
    return EndpointAddr.of(EndpointId.parse(id), all);
  }

  private static EndpointAddr addr(Peer peer) throws MalformedException {
    return addr(peer.endpoint(), peer.addr());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static String target(IrohEndpoint endpoint) {
    return endpoint.id() + "@127.0.0.1:" + endpoint.boundAddresses().getFirst().getPort();
  }

  private static byte[] echo(PeerConnection connection, byte[] sent) throws Exception {
    BlockingStream stream = new BlockingStream(get(connection.openBidirectional()));
    Thread writer =
        Thread.startVirtualThread(() -> {
          try (var out = stream.output()) {
            out.write(sent);
          } catch (IOException e) {
            throw new AssertionError("the echo server took no more", e);
          }
        });
    byte[] back = stream.input().readAllBytes();
    writer.join();
    return back;
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static ConnectionStats stats(PeerConnection connection) throws Exception {
    CompletableFuture<ConnectionStats> stats = new CompletableFuture<>();
    connection.onLoop(() -> stats.complete(connection.stats()));
    return get(stats);
  }

  @Test
  void dialsAndUsesAHundredStreamsAtOnce() throws Exception {
    try (Peer server = Peers.start("echo-server");
        IrohEndpoint client = client()) {
      PeerConnection connection = get(client.connect(addr(server), EchoService.ALPN));
      assertThat(connection.remoteId()).hasToString(server.endpoint());
      List<Thread> threads = new ArrayList<>();
      AtomicLong same = new AtomicLong();
      for (int i = 0; i < 100; i++) {
        byte[] sent = random(100_000 + i, i);
        threads.add(
            Thread.startVirtualThread(() -> {
              try {
                if (Arrays.equals(sent, echo(connection, sent))) {
                  same.incrementAndGet();
                }
              } catch (Exception e) {
                throw new AssertionError("echo failed", e);
              }
            }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(same).hasValue(100);
      connection.close(0, "done");
      JsonNode seen = server.await("connection");
      assertThat(seen.path("bi").asInt()).isEqualTo(100);
    }
  }

  @Test
  void dialledStreamsResetStopAndDatagrams() throws Exception {
    try (Peer server = Peers.start("echo-server");
        IrohEndpoint client = client()) {
      PeerConnection connection = get(client.connect(addr(server), EchoService.ALPN));

      byte[] sent = random(50_000, 1);
      LinkedBlockingQueue<PeerStream> opened = new LinkedBlockingQueue<>();
      connection.onStream(opened::add);
      try (var out = new BlockingStream(get(connection.openUnidirectional())).output()) {
        out.write(sent);
      }
      PeerStream answer = opened.poll(10, TimeUnit.SECONDS);
      assertThat(answer).isNotNull();
      assertThat(new BlockingStream(answer).input().readAllBytes()).isEqualTo(sent);

      BlockingStream reset = new BlockingStream(get(connection.openBidirectional()));
      reset.output().write(sent, 0, 100);
      assertThat(reset.input().readNBytes(100)).hasSize(100);
      reset.stream().reset(77);
      assertThatThrownBy(() -> reset.input().readAllBytes()).hasMessageContaining("code 77");

      BlockingStream stopped = new BlockingStream(get(connection.openBidirectional()));
      stopped.output().write(sent, 0, 100);
      assertThat(stopped.input().readNBytes(100)).hasSize(100);
      stopped.stream().stopSending(78);
      assertThatThrownBy(
              () -> {
                while (true) {
                  stopped.output().write(sent);
                }
              })
          .hasMessageContaining("code 78");

      LinkedBlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();
      connection.onDatagram(datagrams::add);
      for (int i = 0; i < 20; i++) {
        byte[] payload = random(1000, i);
        CompletableFuture<Boolean> queued = new CompletableFuture<>();
        connection.onLoop(() -> queued.complete(connection.sendDatagram(payload)));
        assertThat(get(queued)).isTrue();
        assertThat(datagrams.poll(10, TimeUnit.SECONDS)).isEqualTo(payload);
      }
    }
  }

  @Test
  void keysAreUpdatedByUsAndByThePeer() throws Exception {
    TransportConfig updating = TransportConfig.defaults().withKeyUpdatePackets(200);
    try (Peer server = Peers.start("echo-server", "--key-update-every", 200);
        IrohEndpoint client = builder().transport(updating).start()) {
      PeerConnection connection = get(client.connect(addr(server), EchoService.ALPN));
      Deadline deadline = Deadline.after(Duration.ofSeconds(30));
      for (int i = 0; stats(connection).keyUpdates() < 8; i++) {
        byte[] sent = random(400_000, i);
        assertThat(echo(connection, sent)).isEqualTo(sent);
        assertThat(deadline.isOver()).as("key updates: " + stats(connection)).isFalse();
      }
      connection.close(0, "");
      server.await("connection");
      assertThat(server.stop().last("done").path("key_updates").asInt())
          .as("updates of the peer's own making and those that followed ours")
          .isGreaterThanOrEqualTo(3);
    }
  }

  /** Both ask us to prove our address first; iroh also gives tokens that spare us the next one. */
  @Test
  void aServerThatAnswersWithARetryIsReached() throws Exception {
    for (List<Object> stack : List.<List<Object>>of(List.of(), List.of("--noq"))) {
      List<Object> arguments = new ArrayList<>(List.of("echo-server", "--retry"));
      arguments.addAll(stack);
      try (Peer server = Peers.start(arguments.toArray());
          IrohEndpoint client = client()) {
        for (int i = 1; i <= 3; i++) {
          PeerConnection connection = get(client.connect(addr(server), EchoService.ALPN));
          byte[] sent = random(300_000, i);
          assertThat(echo(connection, sent)).isEqualTo(sent);
          connection.close(0, "");
          assertThat(server.await("connection").path("token").asBoolean()).isTrue();
        }
        assertThat(server.stop().all("retry")).hasSize(stack.isEmpty() ? 1 : 3);
      }
    }
  }

  /** The server takes each token once: we must present the newest, and be given another. */
  @Test
  void theTokensThatAServerGivesSpareUsTheNextRetry() throws Exception {
    try (Peer server = Peers.start("echo-server", "--noq", "--retry", "--new-tokens", 1);
        IrohEndpoint client = client()) {
      for (int i = 1; i <= 4; i++) {
        PeerConnection connection = get(client.connect(addr(server), EchoService.ALPN));
        byte[] sent = random(100_000, i);
        assertThat(echo(connection, sent)).isEqualTo(sent);
        connection.close(0, "");
        assertThat(server.await("connection").path("token").asBoolean()).isTrue();
      }
      assertThat(server.stop().all("retry")).as("for the first connection").hasSize(1);
    }
  }

  @Test
  void becomesTheProviderOfAGetterThatWeDial() throws Exception {
    MemoryBlob blob = MemoryBlob.of(random(3_000_001, 5));
    BlobCatalog catalog =
        hash -> hash.equals(blob.hash()) ? new BlobLookup.Found(blob) : new BlobLookup.Missing();
    try (Peer getter = Peers.start("accept-get", "--hash", blob.hash(), "--repeat", 3);
        IrohEndpoint client = client()) {
      PeerConnection connection = get(client.connect(addr(getter), BlobsLimits.ALPN));
      SmallProvider.serve(connection, catalog);
      JsonNode got = getter.await("got");
      assertThat(got.path("remote").asText()).isEqualTo(OURS.id().toString());
      assertThat(got.path("size").asLong()).isEqualTo(blob.sizeBytes());
      assertThat(got.path("blake3").asText()).isEqualTo(blob.hash().toString());
      getter.done();
    }
  }

  @Test
  void echoesToARealClient() throws Exception {
    try (IrohEndpoint server = builder().accept(EchoService.ALPN, EchoService::serve).start()) {
      JsonNode done =
          Peers.start(
                  "echo-client",
                  "--addr",
                  target(server),
                  "--bytes",
                  200_000,
                  "--streams",
                  100,
                  "--uni",
                  10,
                  "--datagrams",
                  50,
                  "--resets",
                  10,
                  "--stops",
                  10,
                  "--idle-ms",
                  2000)
              .done(Duration.ofMinutes(1));
      // One more round comes after the idle time.
      assertThat(done.path("bytes_each_way").asLong()).isEqualTo(2 * 20_000_000L);
      assertThat(done.path("uni").asInt()).isEqualTo(10);
      assertThat(done.path("datagrams_received").asInt()).isGreaterThanOrEqualTo(45);
      assertThat(done.path("resets").asInt()).isEqualTo(10);
      assertThat(done.path("stops").asInt()).isEqualTo(10);
    }
  }

  @Test
  void echoesThroughKeyUpdatesAndPortChangesOfARealClient() throws Exception {
    TransportConfig updating = TransportConfig.defaults().withKeyUpdatePackets(300);
    LinkedBlockingQueue<PeerConnection> accepted = new LinkedBlockingQueue<>();
    try (IrohEndpoint server =
        builder()
            .transport(updating)
            .accept(
                EchoService.ALPN,
                connection -> {
                  accepted.add(connection);
                  EchoService.serve(connection);
                })
            .start()) {
      Peer client =
          Peers.start(
              "echo-client",
              "--addr",
              target(server),
              "--noq",
              "--bytes",
              500_000,
              "--streams",
              4,
              "--key-update-every",
              100,
              "--until-key-updates",
              6,
              "--rebind-after-bytes",
              1_000_000,
              "--rebind-times",
              3);
      PeerConnection connection = accepted.poll(20, TimeUnit.SECONDS);
      assertThat(connection).isNotNull();
      AtomicLong updates = new AtomicLong();
      AtomicLong migrations = new AtomicLong();
      Thread watcher =
          Thread.startVirtualThread(() -> {
            while (!connection.closed().isDone()) {
              try {
                updates.set(stats(connection).keyUpdates());
                migrations.set(stats(connection).migrations());
              } catch (Exception e) {
                throw new AssertionError("no figures", e);
              }
              Deadline.pause(Duration.ofMillis(10));
            }
          });
      JsonNode done = client.done(Duration.ofMinutes(1));
      assertThat(done.path("key_updates").asLong()).isGreaterThanOrEqualTo(6);
      assertThat(done.path("rebinds").asLong()).isGreaterThanOrEqualTo(1);
      watcher.join();
      // The last figures that were seen may be some updates old.
      assertThat(updates.get()).isGreaterThanOrEqualTo(3);
      assertThat(migrations.get()).isGreaterThanOrEqualTo(1);
    }
  }

  @Test
  void theLivingAddressIsFoundAmongDeadOnes() throws Exception {
    try (Peer server = Peers.start("echo-server");
        IrohEndpoint client = client()) {
      EndpointAddr several =
          addr(
              server.endpoint(), "127.0.0.1:9", "127.7.7.7:4471", server.addr(), "127.0.0.2:65535");
      long began = System.nanoTime();
      PeerConnection connection = get(client.connect(several, EchoService.ALPN));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
      byte[] sent = random(100_000, 1);
      assertThat(echo(connection, sent)).isEqualTo(sent);
    }
  }

  @Test
  void aProtocolThatThePeerLacksIsSaid() throws Exception {
    try (Peer server = Peers.start("echo-server");
        IrohEndpoint client = client()) {
      assertThatThrownBy(() -> get(client.connect(addr(server), "no/such/0")))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(ConnectionClosedException.class)
          .hasMessageContaining("refused by the peer with QUIC error 0x178");
    }
    try (IrohEndpoint server = builder().accept(EchoService.ALPN, EchoService::serve).start()) {
      Peer.Result refused =
          Peers.start("raw", "--addr", target(server), "--request", "00").finish(Peer.USUAL);
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.last("error").path("message").asText()).contains("error 120");
    }
  }

  @Test
  void anotherKeyThanTheDialledIsRefused() throws Exception {
    EndpointId other = SecretKey.of(filled(2)).id();
    try (Peer server = Peers.start("echo-server");
        IrohEndpoint client = client()) {
      assertThatThrownBy(
              () -> get(client.connect(addr(other.toString(), server.addr()), EchoService.ALPN)))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(ConnectionClosedException.class);
      byte[] sent = random(1000, 1);
      PeerConnection good = get(client.connect(addr(server), EchoService.ALPN));
      assertThat(echo(good, sent)).isEqualTo(sent);
    }
    try (IrohEndpoint server = builder().accept(EchoService.ALPN, EchoService::serve).start()) {
      String wrong = other + "@127.0.0.1:" + server.boundAddresses().getFirst().getPort();
      Peer.Result refused = Peers.start("echo-client", "--addr", wrong).finish(Peer.USUAL);
      assertThat(refused.exit()).isEqualTo(1);
      Peers.start("echo-client", "--addr", target(server)).done();
    }
  }
}
