package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.tls.Handshake.all;
import static org.veilor.seed.quic.tls.Handshake.clientConfig;
import static org.veilor.seed.quic.tls.Handshake.only;
import static org.veilor.seed.quic.tls.Handshake.serverConfig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportException;

/** Handshakes that succeed. */
class TlsSessionTest {
  private static Handshake run(TlsClientConfig client, TlsServerConfig server)
      throws TransportException {
    Handshake handshake = new Handshake(Handshake.client(client), Handshake.server(server));
    handshake.run();
    return handshake;
  }

  private static void assertComplete(Handshake handshake) {
    TlsOutput.Complete client = only(handshake.fromClient, TlsOutput.Complete.class);
    TlsOutput.Complete server = only(handshake.fromServer, TlsOutput.Complete.class);
    assertThat(client.peerKey32()).isEqualTo(Handshake.SERVER.publicKey32());
    assertThat(server.peerKey32()).isEqualTo(Handshake.CLIENT.publicKey32());
    assertThat(client.alpn()).isEqualTo(Handshake.ALPN);
    assertThat(server.alpn()).isEqualTo(Handshake.ALPN);
    assertThat(only(handshake.fromClient, TlsOutput.PeerTransportParameters.class).encoded())
        .isEqualTo(Handshake.SERVER_PARAMETERS);
    assertThat(only(handshake.fromServer, TlsOutput.PeerTransportParameters.class).encoded())
        .isEqualTo(Handshake.CLIENT_PARAMETERS);
  }

  private static void assertSameKeys(Handshake handshake, CipherSuite suite) {
    List<TlsOutput.Keys> client = all(handshake.fromClient, TlsOutput.Keys.class);
    List<TlsOutput.Keys> server = all(handshake.fromServer, TlsOutput.Keys.class);
    assertThat(client)
        .extracting(TlsOutput.Keys::level)
        .containsExactly(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT);
    assertThat(server)
        .extracting(TlsOutput.Keys::level)
        .containsExactly(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT);
    for (int i = 0; i < 2; i++) {
      assertThat(client.get(i).client().suite()).isEqualTo(suite);
      byte[] packet = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
      client.get(i).client().protection().seal(packet, 0, 4, 4, 0, 7);
      assertThat(server.get(i).client().protection().open(packet, 0, 4, 20, 0, 7)).isEqualTo(4);
      server.get(i).server().protection().seal(packet, 0, 4, 4, 0, 7);
      assertThat(client.get(i).server().protection().open(packet, 0, 4, 20, 0, 7)).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource(CipherSuite.class)
  void completesWithEverySuite(CipherSuite suite) throws TransportException {
    TlsClientConfig client =
        new TlsClientConfig(
            Handshake.CLIENT,
            Handshake.SERVER.publicKey32(),
            List.of(Handshake.ALPN),
            List.of(suite));

    Handshake handshake = run(client, serverConfig());

    assertComplete(handshake);
    assertSameKeys(handshake, suite);
    assertSameExports(handshake);
  }

  private static void assertSameExports(Handshake handshake) {
    ExporterSecret client = only(handshake.fromClient, TlsOutput.Complete.class).exporter();
    ExporterSecret server = only(handshake.fromServer, TlsOutput.Complete.class).exporter();
    byte[] context = {1, 2, 3};
    assertThat(client.export("a label", context, 77))
        .hasSize(77)
        .isEqualTo(server.export("a label", context, 77))
        .isNotEqualTo(client.export("another", context, 77))
        .isNotEqualTo(client.export("a label", new byte[0], 77));
  }

  /** As the engine derives it, which knows nothing of ours. */
  @Test
  void exportsWhatTheEngineExports() throws TransportException {
    AtomicReference<byte[]> expected = new AtomicReference<>(new byte[0]);
    TlsSession client =
        TlsSession.client(
            new SeededRandom(1),
            (crypto, observer) ->
                new QuicTlsClient(crypto, clientConfig(), Handshake.CLIENT_PARAMETERS, observer) {
                  @Override
                  public void notifyHandshakeComplete() throws IOException {
                    expected.set(context.exportKeyingMaterial("veilor", new byte[] {9}, 100));
                    super.notifyHandshakeComplete();
                  }
                });
    Handshake handshake = new Handshake(client, Handshake.server(serverConfig()));
    handshake.run();
    assertThat(only(handshake.fromServer, TlsOutput.Complete.class).exporter())
        .extracting(exporter -> exporter.export("veilor", new byte[] {9}, 100))
        .isEqualTo(expected.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 100})
  void takesCryptoDataInPiecesOfAnySize(int pieceLength) throws TransportException {
    Handshake handshake =
        new Handshake(Handshake.client(clientConfig()), Handshake.server(serverConfig()));
    handshake.pieceLength = pieceLength;

    handshake.run();

    assertComplete(handshake);
  }

  @Test
  void keysComeBeforeTheDataOfTheirLevel() throws TransportException {
    Handshake handshake = run(clientConfig(), serverConfig());

    assertThat(handshake.fromServer.stream().map(TlsSessionTest::describe))
        .containsExactly(
            "PeerTransportParameters",
            "CryptoData INITIAL",
            "Keys HANDSHAKE",
            "CryptoData HANDSHAKE",
            "Keys ONE_RTT",
            "Complete");
    assertThat(handshake.fromClient.stream().map(TlsSessionTest::describe))
        .containsExactly(
            "CryptoData INITIAL",
            "Keys HANDSHAKE",
            "PeerTransportParameters",
            "CryptoData HANDSHAKE",
            "Keys ONE_RTT",
            "Complete");
  }

  private static String describe(TlsOutput output) {
    return switch (output) {
      case TlsOutput.CryptoData data -> "CryptoData " + data.level();
      case TlsOutput.Keys keys -> "Keys " + keys.level();
      case TlsOutput.PeerTransportParameters p -> "PeerTransportParameters";
      case TlsOutput.Complete c -> "Complete";
    };
  }

  @Test
  void theSameRandomnessMakesTheSameHandshake() throws TransportException {
    Handshake first = run(clientConfig(), serverConfig());
    Handshake second = run(clientConfig(), serverConfig());

    assertThat(all(first.fromClient, TlsOutput.CryptoData.class))
        .usingRecursiveComparison()
        .isEqualTo(all(second.fromClient, TlsOutput.CryptoData.class));
    assertThat(all(first.fromServer, TlsOutput.CryptoData.class))
        .usingRecursiveComparison()
        .isEqualTo(all(second.fromServer, TlsOutput.CryptoData.class));
  }

  @Test
  void theServersPreferenceChoosesTheAlpn() throws TransportException {
    TlsClientConfig client =
        new TlsClientConfig(
            Handshake.CLIENT,
            Handshake.SERVER.publicKey32(),
            List.of(ascii("zzz"), ascii("other"), ascii("test")));
    TlsServerConfig server =
        new TlsServerConfig(Handshake.SERVER, List.of(ascii("test"), ascii("other")));

    Handshake handshake = run(client, server);

    assertThat(only(handshake.fromClient, TlsOutput.Complete.class).alpn())
        .isEqualTo(ascii("test"));
  }

  @Test
  void theServersPreferenceChoosesTheSuite() throws TransportException {
    TlsServerConfig server =
        new TlsServerConfig(
            Handshake.SERVER,
            List.of(Handshake.ALPN),
            List.of(CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CipherSuite.TLS_AES_128_GCM_SHA256));

    Handshake handshake = run(clientConfig(), server);

    assertSameKeys(handshake, CipherSuite.TLS_CHACHA20_POLY1305_SHA256);
  }

  @Test
  void secretsDoNotShowInTexts() throws TransportException {
    Handshake handshake = run(clientConfig(), serverConfig());

    assertThat(Handshake.CLIENT).hasToString("TlsIdentity[hidden]");
    assertThat(clientConfig().toString()).contains("TlsIdentity[hidden]");
    assertThat(all(handshake.fromClient, TlsOutput.Keys.class).getFirst().client())
        .hasToString("TrafficSecret[TLS_AES_128_GCM_SHA256]");
  }

  @Test
  void takesRandomnessFromNowhereElse() throws TransportException {
    TlsSession client =
        TlsSession.client(clientConfig(), Handshake.CLIENT_PARAMETERS, new SeededRandom(9));
    TlsSession other =
        TlsSession.client(clientConfig(), Handshake.CLIENT_PARAMETERS, new SeededRandom(10));

    assertThat(((TlsOutput.CryptoData) Handshake.drain(client).remove()).bytes())
        .isNotEqualTo(((TlsOutput.CryptoData) Handshake.drain(other).remove()).bytes());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
