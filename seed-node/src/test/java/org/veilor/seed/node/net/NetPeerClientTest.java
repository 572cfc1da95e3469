package org.veilor.seed.node.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerStream;
import org.veilor.seed.net.StreamListener;
import org.veilor.seed.node.download.PeerLink;
import org.veilor.seed.node.download.PeerRequest;
import org.veilor.seed.node.download.UnreachableException;

@Timeout(60)
class NetPeerClientTest {
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private static SecretKey key(int number) {
    byte[] secret = new byte[SecretKey.LENGTH];
    secret[0] = (byte) number;
    return SecretKey.of(secret);
  }

  private IrohEndpoint endpoint(int number, String protocol, StreamListener listener)
      throws IOException {
    IrohEndpoint endpoint =
        IrohEndpoint.builder(key(number))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .accept(protocol, connection -> connection.onStream(stream -> stream.listen(listener)))
            .start();
    open.add(endpoint);
    return endpoint;
  }

  private IrohEndpoint endpoint(int number) throws IOException {
    return endpoint(number, BlobsLimits.ALPN, new StreamListener() {});
  }

  private static EndpointAddr at(EndpointId id, InetSocketAddress address) {
    return EndpointAddr.of(id, List.of(TransportAddr.Ip.of(address)));
  }

  private UnreachableException refused(EndpointAddr addr, long dialNanos) throws Exception {
    NetPeerClient client = new NetPeerClient(endpoint(1), dialNanos, SECONDS.toNanos(1));
    CompletableFuture<PeerLink> link = client.connect(addr).toCompletableFuture();
    assertThatThrownBy(() -> link.get(40, SECONDS)).isInstanceOf(ExecutionException.class);
    return (UnreachableException) link.exceptionNow();
  }

  private UnreachableException refused(EndpointAddr addr) throws Exception {
    return refused(addr, SECONDS.toNanos(30));
  }

  @Test
  void aPeerThatIsNotThereIsCalledSo() throws Exception {
    DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    open.add(silent);
    EndpointAddr addr = at(key(2).id(), (InetSocketAddress) silent.getLocalSocketAddress());

    UnreachableException why = refused(addr, SECONDS.toNanos(1));
    assertThat(why).hasMessageContaining("no answer from 127.0.0.1:" + silent.getLocalPort());
    assertThat(why.isFinal()).isTrue();
  }

  @Test
  void whatAnswersAndIsNoEndpointIsCalledSo() throws Exception {
    DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    open.add(other);
    Semaphore answered = new Semaphore(0);
    Thread.ofVirtual().start(() -> answerNonsense(other, answered));
    EndpointAddr addr = at(key(2).id(), (InetSocketAddress) other.getLocalSocketAddress());
    // A first dial takes a while on a slow machine: its classes have to be loaded.
    IrohEndpoint warm = endpoint(4);
    var _ = warm.connect(addr, BlobsLimits.ALPN);
    assertThat(answered.tryAcquire(30, SECONDS)).isTrue();

    UnreachableException why = refused(addr, SECONDS.toNanos(3));
    assertThat(why).hasMessageContaining("is no iroh endpoint");
    assertThat(why.isFinal()).isTrue();
  }

  private static void answerNonsense(DatagramSocket socket, Semaphore answered) {
    byte[] nonsense = "220 mail.example.org ESMTP ready, what do you want here?".getBytes(US_ASCII);
    DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
    try {
      while (!socket.isClosed()) {
        socket.receive(packet);
        socket.send(new DatagramPacket(nonsense, nonsense.length, packet.getSocketAddress()));
        answered.release();
      }
    } catch (IOException e) {
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @Test
  void anotherEndpointThanTheOneDialledIsCalledSo() throws Exception {
    IrohEndpoint other = endpoint(2);

    UnreachableException why = refused(at(key(3).id(), other.boundAddresses().getFirst()));
    assertThat(why).hasMessageContaining("is another endpoint than " + key(3).id().shortText());
    assertThat(why.isFinal()).isTrue();
  }

  @Test
  void anEndpointWithoutTheProtocolIsCalledSo() throws Exception {
    IrohEndpoint other = endpoint(2, "other/1", new StreamListener() {});

    UnreachableException why = refused(at(key(2).id(), other.boundAddresses().getFirst()));
    assertThat(why).hasMessageContaining("does not offer " + BlobsLimits.ALPN);
    assertThat(why.isFinal()).isTrue();
  }

  /** Notes what comes. */
  private static final class Heard implements PeerRequest.Listener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onBytes(byte[] data, int offset, int length) {
      events.add("bytes");
    }

    @Override
    public void onEnd() {
      events.add("end");
    }

    @Override
    public void onReset(long code) {
      events.add("reset " + code);
    }

    @Override
    public void onLost(String why) {
      events.add("lost");
    }
  }

  /** A stalled download must not take the connection away from others that are being served. */
  @Test
  void aConnectionThatServesOthersIsNotGivenUp() throws Exception {
    StreamListener answers =
        new StreamListener() {
          @Override
          public void onReadable(PeerStream stream) {
            byte[] request = new byte[1];
            if (stream.read(request, 0, 1) == 1 && request[0] == 1) {
              stream.write(new byte[100], 0, 100); // and no end
            }
          }
        };
    IrohEndpoint server = endpoint(2, BlobsLimits.ALPN, answers);
    EndpointAddr addr = at(key(2).id(), server.boundAddresses().getFirst());
    NetPeerClient client =
        new NetPeerClient(endpoint(1), SECONDS.toNanos(20), MILLISECONDS.toNanos(500));
    PeerLink stalled = client.connect(addr).toCompletableFuture().get(20, SECONDS);
    PeerLink served = client.connect(addr).toCompletableFuture().get(20, SECONDS);
    Heard nothing = new Heard();
    Heard something = new Heard();
    var _ = stalled.open(new byte[] {0}, nothing);
    var _ = served.open(new byte[] {1}, something);
    assertThat(something.events.poll(20, SECONDS)).isEqualTo("bytes");
    boolean isClosedNow = giveUpAtOnce(stalled, served);

    assertThat(isClosedNow).isFalse();
    // When it brings nothing to anybody, it goes.
    while (served.isOpen()) {
      stalled.giveUp();
      Thread.onSpinWait();
    }
    assertThat(something.events.poll(20, SECONDS)).isEqualTo("lost");
    assertThat(nothing.events.poll(20, SECONDS)).isEqualTo("lost");
  }

  /** Gives up right after something came; more comes so often that a slow machine is no matter. */
  private static boolean giveUpAtOnce(PeerLink stalled, PeerLink served) throws Exception {
    for (int i = 0; i < 20; i++) {
      Heard more = new Heard();
      var _ = served.open(new byte[] {1}, more);
      String first = more.events.poll(20, SECONDS);
      long start = System.nanoTime();
      stalled.giveUp();
      if (System.nanoTime() - start < MILLISECONDS.toNanos(50) && "bytes".equals(first)) {
        return !served.isOpen();
      }
    }
    return false;
  }
}
