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
      session.receive(level, ByteBuffer.wrap(withFittingLengths(bytes)));
    } catch (TransportException e) {
      assertThat(e.code()).isBetween(0x1L, 0x1ffL);
      assertThat(e.reason()).isNotEmpty();
    }
  }

  /**
   * A message that says it is longer than what is left is made to end there: else all would wait.
   */
  private static byte[] withFittingLengths(byte[] bytes) {
    ByteBuffer messages = ByteBuffer.wrap(bytes.clone());
    while (messages.remaining() >= HandshakeMessages.HEADER_LENGTH) {
      int header = messages.getInt();
      int length = Math.min(header & 0xff_ffff, messages.remaining());
      messages.putInt(messages.position() - 4, (header & 0xff00_0000) | length);
      messages.position(messages.position() + length);
    }
    return messages.array();
  }
}
