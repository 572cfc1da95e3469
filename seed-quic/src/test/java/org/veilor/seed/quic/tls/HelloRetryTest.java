package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.tls.Handshake.all;
import static org.veilor.seed.quic.tls.Handshake.only;

import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.NamedGroup;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportException;

/**
 * Key exchange groups: HelloRetryRequest in both roles (RFC 8446 §4.1.4) and a post-quantum client.
 */
class HelloRetryTest {
  private static TlsSession client(int keyShare, int... groups) {
    return TlsSession.client(
        new SeededRandom(1),
        (crypto, observer) ->
            new QuicTlsClient(
                crypto, Handshake.clientConfig(), Handshake.CLIENT_PARAMETERS, observer) {
              @Override
              protected Vector<Integer> getSupportedGroups(
                  @SuppressWarnings("rawtypes") Vector namedGroupRoles) {
                Vector<Integer> supported = new Vector<>();
                for (int group : groups) {
                  supported.add(group);
                }
                return supported;
              }

              @Override
              public Vector<Integer> getEarlyKeyShareGroups() {
                return new Vector<>(List.of(keyShare));
              }
            });
  }

  private static TlsSession serverOf(int... groups) {
    return TlsSession.server(
        new SeededRandom(2),
        (crypto, observer) ->
            new QuicTlsServer(
                crypto, Handshake.serverConfig(), Handshake.SERVER_PARAMETERS, observer) {
              @Override
              public int[] getSupportedGroups() {
                return groups;
              }
            });
  }

  private static void assertRetried(Handshake handshake) {
    assertThat(
            all(handshake.fromClient, TlsOutput.CryptoData.class).stream()
                .filter(data -> data.level() == EncryptionLevel.INITIAL)
                .map(data -> TlsMessages.types(data.bytes())))
        .containsExactly(List.of(TlsMessages.CLIENT_HELLO), List.of(TlsMessages.CLIENT_HELLO));
    assertThat(
            all(handshake.fromServer, TlsOutput.CryptoData.class).stream()
                .filter(data -> data.level() == EncryptionLevel.INITIAL)
                .map(data -> TlsMessages.types(data.bytes())))
        .containsExactly(List.of(TlsMessages.SERVER_HELLO), List.of(TlsMessages.SERVER_HELLO));
    assertComplete(handshake);
  }

  private static void assertComplete(Handshake handshake) {
    assertThat(only(handshake.fromClient, TlsOutput.Complete.class).peerKey32())
        .isEqualTo(Handshake.SERVER.publicKey32());
    assertThat(only(handshake.fromServer, TlsOutput.Complete.class).peerKey32())
        .isEqualTo(Handshake.CLIENT.publicKey32());
    assertThat(only(handshake.fromServer, TlsOutput.PeerTransportParameters.class).encoded())
        .isEqualTo(Handshake.CLIENT_PARAMETERS);
  }

  @Test
  void theServerAsksForAGroupItKnows() throws TransportException {
    Handshake handshake =
        new Handshake(
            client(NamedGroup.x448, NamedGroup.x448, NamedGroup.x25519),
            Handshake.server(Handshake.serverConfig()));
    handshake.run();
    assertRetried(handshake);
  }

  @Test
  void theClientAnswersWithTheGroupAskedFor() throws TransportException {
    Handshake handshake =
        new Handshake(Handshake.client(Handshake.clientConfig()), serverOf(NamedGroup.secp384r1));
    handshake.pieceLength = 7;
    handshake.run();
    assertRetried(handshake);
  }

  @Test
  void withoutACommonGroupTheServerGivesUp() {
    Handshake handshake =
        new Handshake(
            client(NamedGroup.x448, NamedGroup.x448), Handshake.server(Handshake.serverConfig()));
    TransportException error =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            TransportException.class, handshake::run);
    assertThat(error.code()).isEqualTo(0x128);
  }

  @Test
  void aPostQuantumClientIsServed() throws TransportException {
    Handshake handshake =
        new Handshake(
            client(NamedGroup.X25519MLKEM768, NamedGroup.X25519MLKEM768),
            Handshake.server(Handshake.serverConfig()));
    handshake.pieceLength = 1000;

    handshake.run();

    assertComplete(handshake);
    assertThat(all(handshake.fromClient, TlsOutput.CryptoData.class).getFirst().bytes().length)
        .as("the ClientHello takes two packets")
        .isGreaterThan(1200);
  }

  @Test
  void aPostQuantumShareThatIsPreferredNeedsNoRetry() throws TransportException {
    Handshake handshake =
        new Handshake(
            client(NamedGroup.X25519MLKEM768, NamedGroup.X25519MLKEM768, NamedGroup.x25519),
            Handshake.server(Handshake.serverConfig()));

    handshake.run();

    assertComplete(handshake);
    assertThat(
            all(handshake.fromClient, TlsOutput.CryptoData.class).stream()
                .filter(data -> data.level() == EncryptionLevel.INITIAL))
        .hasSize(1);
  }
}
