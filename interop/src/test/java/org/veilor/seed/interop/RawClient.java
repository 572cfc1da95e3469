package org.veilor.seed.interop;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.quic.connection.Transmit;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.endpoint.EndpointConfig;
import org.veilor.seed.quic.endpoint.QuicEndpoint;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketParser;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.packet.RetryPackets;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.TlsIdentity;

/**
 * A UDP socket and the first datagrams of handshakes that never go on. The Initials are authentic;
 * what token they bear and whether they are sent at all is the test's choice.
 */
final class RawClient implements AutoCloseable {
  private static final int MAX_HANDSHAKES = 1 << 20;
  private static final int SOURCE_ID_LENGTH = TransportConfig.LOCAL_CONNECTION_ID_LENGTH;

  private final NetworkPath path;
  private final byte[] serverKey;
  private final List<byte[]> alpns = List.of("/iroh-bytes/4".getBytes(StandardCharsets.UTF_8));
  private final QuicEndpoint handshakes;
  private final DatagramSocket socket;
  private final byte[] buffer = new byte[1 << 16];

  /** A client of {@code daemon} on a port of its own. */
  RawClient(Daemon daemon, long seed) throws Exception {
    String address = daemon.listen().getFirst();
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    socket = new DatagramSocket(new InetSocketAddress(loopback, 0));
    path =
        new NetworkPath(
            (InetSocketAddress) socket.getLocalSocketAddress(),
            new InetSocketAddress(loopback, port));
    serverKey = EndpointId.parse(daemon.endpoint()).toBytes();
    var random = new SplittableRandom(seed);
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    handshakes =
        new QuicEndpoint(
            new EndpointConfig(
                new TlsIdentity(secret),
                alpns,
                List.of(CipherSuite.TLS_AES_128_GCM_SHA256),
                secret,
                TransportConfig.defaults(),
                MAX_HANDSHAKES,
                MAX_HANDSHAKES,
                MAX_HANDSHAKES),
            random::nextBytes);
  }

  /** The first datagram of a new handshake, with connection ids and keys of its own. */
  byte[] initial() {
    var _ = handshakes.connect(List.of(path), serverKey, alpns, 0);
    return next();
  }

  /** The first datagram of a new handshake, as if a Retry had given it this id and this token. */
  byte[] initial(ConnectionId destination, byte[] token) {
    if (!(parse(initial()) instanceof ParsedPacket.LongHeader first)) {
      throw new AssertionError("the first packet of a handshake is an Initial");
    }
    byte[] retry =
        RetryPackets.encode(
            /* destination= */ first.source(),
            /* source= */ destination,
            token,
            first.destination());
    handshakes.handleDatagram(path, 0, retry, 0, retry.length, 0);
    return next();
  }

  private byte[] next() {
    Transmit transmit = handshakes.nextTransmit(buffer, 1, 0);
    if (transmit == null) {
      throw new AssertionError("a new handshake has something to send");
    }
    byte[] datagram = Arrays.copyOf(buffer, transmit.length());
    if (handshakes.nextTransmit(buffer, 1, 0) != null) {
      throw new AssertionError("a first flight of more than one datagram");
    }
    return datagram;
  }

  static ParsedPacket parse(byte[] datagram) {
    return PacketParser.parse(datagram, 0, datagram.length, SOURCE_ID_LENGTH);
  }

  void send(byte[] datagram) throws IOException {
    socket.send(new DatagramPacket(datagram, datagram.length, path.remote()));
  }

  /**
   * Sends an Initial and gives the first packet that answers it; answers to earlier ones are passed
   * over.
   *
   * @throws java.net.SocketTimeoutException if none comes within 10 s
   */
  ParsedPacket ask(byte[] initial) throws IOException {
    if (!(parse(initial) instanceof ParsedPacket.LongHeader ours)) {
      throw new AssertionError("not an Initial");
    }
    send(initial);
    Deadline deadline = Deadline.after(Duration.ofSeconds(10));
    while (true) {
      socket.setSoTimeout((int) Math.max(1, deadline.remainingMillis()));
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      socket.receive(packet);
      ParsedPacket answer = parse(Arrays.copyOf(buffer, packet.getLength()));
      boolean isOurs =
          switch (answer) {
            case ParsedPacket.LongHeader p -> p.destination().equals(ours.source());
            case ParsedPacket.Retry p -> p.destination().equals(ours.source());
            default -> false;
          };
      if (isOurs) {
        return answer;
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
