package org.veilor.seed.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.quic.connection.TerminationCause;

/** Two endpoints of ours on loopback; the real peers are in interop. */
@Timeout(60)
class IrohEndpointTest {
  private static final String ALPN = "test/echo";
  private final List<AutoCloseable> toClose = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable closeable : toClose) {
      closeable.close();
    }
  }

  private static SecretKey key(int seed) {
    byte[] bytes = new byte[SecretKey.LENGTH];
    Arrays.fill(bytes, (byte) seed);
    return SecretKey.of(bytes);
  }

  private IrohEndpoint start(IrohEndpoint.Builder builder) throws IOException {
    IrohEndpoint endpoint = builder.start();
    toClose.add(endpoint);
    return endpoint;
  }

  private static IrohEndpoint.Builder onLoopback(int seed) {
    return IrohEndpoint.builder(key(seed))
        .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  /** Sends back what it gets. */
  private static void echo(PeerConnection connection) {
    connection.onDatagram(connection::sendDatagram);
    connection.onStream(stream ->
        stream.listen(
            new StreamListener() {
              @Override
              public void onReadable(PeerStream s) {
                pump(s);
              }

              @Override
              public void onWritable(PeerStream s) {
                pump(s);
              }
            }));
  }

  private static void pump(PeerStream stream) {
    for (int room = stream.writableBytes(); room > 0; room = stream.writableBytes()) {
      byte[] buffer = new byte[Math.min(room, 16 * 1024)];
      int read = stream.read(buffer, 0, buffer.length);
      if (read <= 0) {
        if (read == PeerStream.END) {
          stream.finish();
        }
        return;
      }
      stream.write(buffer, 0, read);
    }
  }

  private static EndpointAddr address(IrohEndpoint endpoint) {
    return EndpointAddr.of(
        endpoint.id(), endpoint.boundAddresses().stream().map(TransportAddr.Ip::of).toList());
  }

  private static void assertEchoes(PeerConnection connection, int bytes) throws IOException {
    byte[] sent = new byte[bytes];
    new Random(1).nextBytes(sent);
    BlockingStream stream = new BlockingStream(connection.openBidirectional().join());
    Thread writer =
        Thread.startVirtualThread(() -> {
          try (OutputStream out = stream.output()) {
            out.write(sent);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    assertThat(stream.input().readAllBytes()).isEqualTo(sent);
    assertThat(writer.isAlive() && !joined(writer)).isFalse();
  }

  private static boolean joined(Thread thread) {
    try {
      return thread.join(java.time.Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void echoesOverEpollAndNio(boolean epoll) throws IOException {
    IrohEndpoint.Builder builder = onLoopback(1).accept(ALPN, IrohEndpointTest::echo);
    IrohEndpoint server = start(epoll ? builder : builder.withoutEpoll());
    IrohEndpoint client = start(onLoopback(2));
    PeerConnection connection = client.connect(address(server), ALPN).join();
    assertThat(client.connections())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.remoteId()).isEqualTo(server.id());
          assertThat(report.isDialled()).isTrue();
          assertThat(report.alpn()).isEqualTo(ALPN);
          assertThat(report.stats().receivedBytes()).isPositive();
        });
    assertThat(connection.remoteId()).isEqualTo(server.id());
    assertEchoes(connection, 3_000_000);
    assertThat(server.counters().isEpoll()).isEqualTo(epoll);
  }

  @Test
  void trainsCrossTheKernelInOneCall() throws IOException {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    assertEchoes(client.connect(address(server), ALPN).join(), 5_000_000);
    EndpointCounters counters = server.counters();
    assertThat(counters.sentTrains()).isLessThan(counters.sentDatagrams() / 2);
  }

  @Test
  void datagramsComeBack() throws Exception {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    PeerConnection connection = client.connect(address(server), ALPN).join();
    LinkedBlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    connection.onDatagram(received::add);
    byte[] payload = {1, 2, 3};
    CompletableFuture<Boolean> queued = new CompletableFuture<>();
    connection.onLoop(() -> queued.complete(connection.sendDatagram(payload)));
    assertThat(queued.join()).isTrue();
    assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo(payload);
  }

  @Test
  void theFirstLiveAddressWins() throws IOException {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    EndpointAddr withDeadOnes =
        EndpointAddr.of(
            server.id(),
            List.of(
                TransportAddr.Ip.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9)),
                TransportAddr.Ip.of(server.boundAddresses().getFirst()),
                TransportAddr.Ip.of(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 11))));
    assertEchoes(client.connect(withDeadOnes, ALPN).join(), 10_000);
  }

  @Test
  void bothFamiliesShareAPort() throws IOException {
    IrohEndpoint.Builder builder =
        IrohEndpoint.builder(key(1))
            .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
            .accept(ALPN, IrohEndpointTest::echo);
    IrohEndpoint probe = builder.start();
    int port = probe.boundAddresses().getFirst().getPort();
    probe.close();
    IrohEndpoint server =
        start(
            IrohEndpoint.builder(key(1))
                .bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port))
                .bind(new InetSocketAddress(InetAddress.ofLiteral("::"), port))
                .accept(ALPN, IrohEndpointTest::echo));
    assertThat(server.boundAddresses()).extracting(InetSocketAddress::getPort).containsOnly(port);
    IrohEndpoint client =
        start(
            IrohEndpoint.builder(key(2))
                .bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0)));
    EndpointAddr overIpv6 =
        EndpointAddr.of(
            server.id(),
            List.of(
                TransportAddr.Ip.of(new InetSocketAddress(InetAddress.ofLiteral("::1"), port))));
    assertEchoes(client.connect(overIpv6, ALPN).join(), 10_000);
  }

  @Test
  void aBusyPortIsNamedWithItsCure() throws IOException {
    IrohEndpoint first = start(onLoopback(1));
    InetSocketAddress taken = first.boundAddresses().getFirst();
    assertThatThrownBy(() -> IrohEndpoint.builder(key(2)).bind(taken).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + taken.getPort())
        .hasMessageContaining("choose another");
  }

  @Test
  void aWrongKeyIsRefused() throws IOException {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    EndpointAddr lie =
        EndpointAddr.of(
            key(3).id(), List.of(TransportAddr.Ip.of(server.boundAddresses().getFirst())));
    assertThat(causeOfFailedDial(client, lie, ALPN))
        .isInstanceOf(TerminationCause.TransportErrorHere.class);
  }

  @Test
  void anUnknownProtocolIsRefusedByThePeer() throws IOException {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    assertThat(causeOfFailedDial(client, address(server), "no/such"))
        .isInstanceOfSatisfying(
            TerminationCause.TransportErrorByPeer.class,
            cause -> assertThat(cause.code()).isEqualTo(0x178));
  }

  /** The end of such streams is no event of theirs: they must not stay for ever. */
  @Test
  void streamsThatEndByResetsAreForgotten() throws Exception {
    CompletableFuture<PeerConnection> accepted = new CompletableFuture<>();
    IrohEndpoint server =
        start(
            onLoopback(1)
                .accept(
                    ALPN,
                    connection -> {
                      accepted.complete(connection);
                      connection.onStream(stream -> {
                        stream.reset(3);
                        stream.stopSending(3);
                      });
                    }));
    IrohEndpoint client = start(onLoopback(2));
    PeerConnection connection = client.connect(address(server), ALPN).join();
    for (int i = 0; i < 500; i++) {
      BlockingStream stream = new BlockingStream(connection.openBidirectional().join());
      stream.output().write(1);
      assertThatThrownBy(() -> stream.input().read()).hasMessageContaining("reset by the peer");
      stream.stream().reset(3);
    }
    for (PeerConnection each : List.of(connection, accepted.get(5, TimeUnit.SECONDS))) {
      CompletableFuture<Integer> held = new CompletableFuture<>();
      each.onLoop(() -> held.complete(each.heldStreams()));
      assertThat(held.get(5, TimeUnit.SECONDS)).isLessThan(300);
    }
  }

  private static @Nullable TerminationCause causeOfFailedDial(
      IrohEndpoint client, EndpointAddr peer, String alpn) {
    try {
      client.connect(peer, alpn).join();
      throw new AssertionError("the dial should have failed");
    } catch (CompletionException e) {
      if (e.getCause() instanceof ConnectionClosedException closed) {
        return closed.terminationCause();
      }
      throw e;
    }
  }

  @Test
  void anEndpointDoesNotDialItself() throws IOException {
    IrohEndpoint endpoint = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    assertThatThrownBy(() -> endpoint.connect(address(endpoint), ALPN).join())
        .hasMessageContaining("does not dial itself");
  }

  @Test
  void closingTellsThePeerAndFreesEverything() throws Exception {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = onLoopback(2).start();
    PeerConnection connection = client.connect(address(server), ALPN).join();
    assertEchoes(connection, 1000);
    client.close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (server.counters().quic().connections() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(server.counters().quic().connections()).isZero();
  }

  @Test
  void aRestartedPeerIsNoticedByItsStatelessReset() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    IrohEndpoint server = IrohEndpoint.builder(key(1)).bind(any).accept(ALPN, c -> echo(c)).start();
    int port = server.boundAddresses().getFirst().getPort();
    IrohEndpoint client = start(onLoopback(2));
    PeerConnection connection = client.connect(address(server), ALPN).join();
    assertEchoes(connection, 1000);
    server.abort();
    start(
        IrohEndpoint.builder(key(1))
            .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port))
            .accept(ALPN, IrohEndpointTest::echo));
    new BlockingStream(connection.openBidirectional().join()).output().write(new byte[100]);
    assertThat(connection.closed().get(10, TimeUnit.SECONDS))
        .isInstanceOf(TerminationCause.StatelessReset.class);
  }

  @Test
  void aPoolSharesOneConnection() throws IOException {
    IrohEndpoint server = start(onLoopback(1).accept(ALPN, IrohEndpointTest::echo));
    IrohEndpoint client = start(onLoopback(2));
    ConnectionPool pool = new ConnectionPool(client, ALPN, 4);
    PeerConnection first = pool.get(address(server)).join();
    assertThat(pool.get(address(server)).join()).isSameAs(first);
    assertThat(client.counters().quic().dialled()).isEqualTo(1);
    pool.release(server.id());
    first.closed().join();
    assertThat(pool.get(address(server)).join()).isNotSameAs(first);
  }
}
