package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.veilor.seed.quic.error.TransportException;

class TlsSessionFuzzTest {
  /** A server takes any first bytes; whatever it refuses it refuses as the peer's fault. */
  @FuzzTest
  void aServerTakesAnyFirstFlight(byte[] bytes) {
    receive(Handshake.server(Handshake.serverConfig()), EncryptionLevel.INITIAL, bytes);
  }

  /** A server that has answered takes any second flight, and none of them authenticates. */
  @FuzzTest
  void aServerTakesAnySecondFlight(byte[] bytes) throws TransportException {
    TlsSession client = Handshake.client(Handshake.clientConfig());
    TlsSession server = Handshake.server(Handshake.serverConfig());
    TlsServerTest.send(client, server);
    receive(server, EncryptionLevel.HANDSHAKE, bytes);
    assertThat(Handshake.all(new ArrayList<>(Handshake.drain(server)), TlsOutput.Complete.class))
        .isEmpty();
  }

  /** A client takes any answer to its ClientHello. */
  @FuzzTest
  void aClientTakesAnyFirstFlight(byte[] bytes) {
    receive(Handshake.client(Handshake.clientConfig()), EncryptionLevel.INITIAL, bytes);
  }

  /** A client with handshake keys takes any second half of the server's flight. */
  @FuzzTest
  void aClientTakesAnySecondFlight(byte[] bytes) throws TransportException {
    TlsSession client = Handshake.client(Handshake.clientConfig());
    TlsSession server = Handshake.server(Handshake.serverConfig());
    TlsServerTest.send(client, server);
    TlsOutput.CryptoData hello =
        Handshake.all(new ArrayList<>(Handshake.drain(server)), TlsOutput.CryptoData.class)
            .getFirst();
    client.receive(EncryptionLevel.INITIAL, ByteBuffer.wrap(hello.bytes()));
    receive(client, EncryptionLevel.HANDSHAKE, bytes);
  }

  private static void receive(TlsSession session, EncryptionLevel level, byte[] bytes) {
    try {
      session.receive(level, ByteBuffer.wrap(bytes));
    } catch (TransportException e) {
      assertThat(e.code()).isBetween(0x1L, 0x1ffL);
      assertThat(e.reason()).isNotEmpty();
    }
  }
}
