package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.veilor.seed.quic.crypto.TestVectors.hex;
import static org.veilor.seed.quic.tls.Handshake.all;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.crypto.SeededRandom;
import org.veilor.seed.quic.error.TransportException;

/** What a client sends, and what it makes of servers. */
class TlsClientTest {
  private static final byte[] TICKET_BODY =
      hex("00015180 01020304 02 aabb 0003 112233 0008 002a 0004 ffffffff");

  /** The error of a client that gets a changed second half of the server's flight. */
  private static TransportException refusal(UnaryOperator<byte[]> change)
      throws TransportException {
    return refusal(Handshake.clientConfig(), change);
  }

  private static TransportException refusal(TlsClientConfig config, UnaryOperator<byte[]> change)
      throws TransportException {
    TlsSession client = Handshake.client(config);
    TlsSession server = Handshake.server(Handshake.serverConfig());
    TlsServerTest.send(client, server);
    List<TlsOutput.CryptoData> flight =
        all(new ArrayList<>(Handshake.drain(server)), TlsOutput.CryptoData.class);
    client.receive(EncryptionLevel.INITIAL, ByteBuffer.wrap(flight.get(0).bytes()));
    TransportException error =
        catchThrowableOfType(
            TransportException.class,
            () ->
                client.receive(
                    EncryptionLevel.HANDSHAKE,
                    ByteBuffer.wrap(change.apply(flight.get(1).bytes()))));
    assertThat(error).isNotNull();
    assertThat(all(new ArrayList<>(Handshake.drain(client)), TlsOutput.Complete.class)).isEmpty();
    return error;
  }

  private static long refusalOfExtensions(Consumer<Map<Integer, byte[]>> change)
      throws TransportException {
    return refusal(
            flight -> TlsMessages.editExtensions(flight, TlsMessages.ENCRYPTED_EXTENSIONS, change))
        .code();
  }

  private static Handshake complete() throws TransportException {
    Handshake handshake =
        new Handshake(
            Handshake.client(Handshake.clientConfig()), Handshake.server(Handshake.serverConfig()));
    handshake.run();
    return handshake;
  }

  @Test
  void theClientHelloHoldsWhatItShouldAndNoMore() {
    TlsSession client = Handshake.client(Handshake.clientConfig());
    byte[] hello = ((TlsOutput.CryptoData) Handshake.drain(client).remove()).bytes();
    byte[] body = TlsMessages.body(hello, TlsMessages.CLIENT_HELLO);

    assertThat(Arrays.copyOf(body, 2)).isEqualTo(hex("0303"));
    assertThat(Arrays.copyOfRange(body, 34, 34 + 11))
        .as("no session id, three suites, no compression")
        .isEqualTo(hex("00 0006 1301 1302 1303 01 00"));
    Map<Integer, byte[]> extensions = TlsMessages.clientHelloExtensions(hello);
    // Neither server_name (0), nor status_request (5), nor psk_key_exchange_modes (45).
    assertThat(extensions).containsOnlyKeys(10, 13, 16, 19, 20, 43, 51, 57);
    assertThat(extensions.get(10)).isEqualTo(hex("0006 001d 0017 0018"));
    assertThat(extensions.get(13)).isEqualTo(hex("0002 0807"));
    assertThat(extensions.get(16)).isEqualTo(hex("0005 04 74657374"));
    assertThat(extensions.get(19)).isEqualTo(hex("0102"));
    assertThat(extensions.get(20)).isEqualTo(hex("0102"));
    assertThat(extensions.get(43)).isEqualTo(hex("02 0304"));
    assertThat(extensions.get(51)).startsWith(hex("0024 001d 0020")).hasSize(38);
    assertThat(extensions.get(57)).isEqualTo(Handshake.CLIENT_PARAMETERS);
    assertThat(hello.length).isLessThan(400);
  }

  @Test
  void anotherKeyThanTheOneDialledIsRefused() throws TransportException {
    TlsClientConfig config =
        new TlsClientConfig(
            Handshake.CLIENT, Handshake.identity(9).publicKey32(), List.of(Handshake.ALPN));

    TransportException error = refusal(config, flight -> flight);

    assertThat(error.code()).isEqualTo(0x130);
    assertThat(error.reason()).contains("another key than the one dialled");
  }

  @Test
  void certificateTypesMustBeConfirmed() throws TransportException {
    assertThat(refusalOfExtensions(e -> e.remove(19))).isEqualTo(0x128);
    assertThat(refusalOfExtensions(e -> e.remove(20))).isEqualTo(0x128);
    assertThat(refusalOfExtensions(e -> e.put(20, hex("00")))).isEqualTo(0x12f);
  }

  @Test
  void alpnMustBeOneOfOurs() throws TransportException {
    assertThat(refusalOfExtensions(e -> e.remove(16))).isEqualTo(0x178);
    assertThat(refusalOfExtensions(e -> e.put(16, hex("0005 04 61616161")))).isEqualTo(0x178);
  }

  @Test
  void transportParametersMustBeThere() throws TransportException {
    assertThat(refusalOfExtensions(e -> e.remove(57))).isEqualTo(0x16d);
  }

  @Test
  void whatWasNotAskedForIsRefused() throws TransportException {
    assertThat(refusalOfExtensions(e -> e.put(42, hex("")))).isEqualTo(0x16e);
    assertThat(refusalOfExtensions(e -> e.put(0, hex("")))).isEqualTo(0x16e);
  }

  @Test
  void theServerMustTakeEd25519() {
    Handshake handshake =
        new Handshake(
            Handshake.client(Handshake.clientConfig()),
            TlsSession.server(new SeededRandom(2), TlsClientTest::serverThatWantsEcdsa));

    TransportException error = catchThrowableOfType(TransportException.class, handshake::run);

    assertThat(error.code()).isEqualTo(0x128);
  }

  @SuppressWarnings("JdkObsolete") // what the TLS engine takes
  private static QuicTlsServer serverThatWantsEcdsa(
      QuicTlsCrypto crypto, HandshakeObserver observer) {
    return new QuicTlsServer(
        crypto, Handshake.serverConfig(), Handshake.SERVER_PARAMETERS, observer) {
      @Override
      public CertificateRequest getCertificateRequest() throws IOException {
        Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
        algorithms.add(
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
        return new CertificateRequest(new byte[0], algorithms, null, null);
      }
    };
  }

  @Test
  void theServersSignatureAndFinishedMustBeRight() throws TransportException {
    for (int type : new int[] {TlsMessages.CERTIFICATE_VERIFY, TlsMessages.FINISHED}) {
      assertThat(
              refusal(flight ->
                      TlsMessages.edit(
                          flight,
                          type,
                          body -> {
                            body[body.length - 1] ^= 1;
                            return body;
                          }))
                  .code())
          .isEqualTo(0x133);
    }
  }

  @Test
  void messagesMustComeInOrder() throws TransportException {
    assertThat(
            refusal(flight ->
                    TlsMessages.message(
                        TlsMessages.FINISHED, TlsMessages.body(flight, TlsMessages.FINISHED)))
                .code())
        .isEqualTo(0x10a);
    assertThat(
            refusal(flight -> TlsMessages.message(TlsMessages.KEY_UPDATE, new byte[] {0})).code())
        .isEqualTo(0x10a);
  }

  @Test
  void ticketsAreIgnored() throws TransportException {
    TlsSession client = complete().client;
    byte[] tickets = hex("");
    for (int i = 0; i < 2; i++) {
      byte[] ticket = TlsMessages.message(TlsMessages.NEW_SESSION_TICKET, TICKET_BODY);
      tickets = Arrays.copyOf(tickets, tickets.length + ticket.length);
      System.arraycopy(ticket, 0, tickets, tickets.length - ticket.length, ticket.length);
    }
    for (byte b : tickets) {
      client.receive(EncryptionLevel.ONE_RTT, ByteBuffer.wrap(new byte[] {b}));
    }
    assertThat(client.next()).isNull();
  }

  @Test
  void theRecordedTicketsAreIgnored() throws TransportException {
    byte[] tickets =
        org.veilor.seed.quic.crypto.TestVectors.hexFile("tls/iroh-new-session-tickets.hex");
    TlsSession client = complete().client;
    client.receive(EncryptionLevel.ONE_RTT, ByteBuffer.wrap(tickets));
    assertThat(client.next()).isNull();
  }

  @Test
  void malformedTicketsAreRefused() throws TransportException {
    for (int length = 0; length < TICKET_BODY.length + 2; length++) {
      if (length == TICKET_BODY.length) {
        continue;
      }
      TlsSession client = complete().client;
      ByteBuffer ticket =
          ByteBuffer.wrap(
              TlsMessages.message(
                  TlsMessages.NEW_SESSION_TICKET, Arrays.copyOf(TICKET_BODY, length)));
      assertThatThrownBy(() -> client.receive(EncryptionLevel.ONE_RTT, ticket))
          .as("length %d", length)
          .isInstanceOfSatisfying(
              TransportException.class, e -> assertThat(e.code()).isEqualTo(0x132));
    }
  }

  /** RFC 9001 §6: a TLS KeyUpdate is 0x010a; so is everything else that is no ticket. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 8, 11, 13, 15, 20, 24, 255})
  void otherMessagesAfterTheHandshakeAreUnexpected(int type) throws TransportException {
    Handshake handshake = complete();
    for (TlsSession session : List.of(handshake.client, handshake.server)) {
      ByteBuffer message = ByteBuffer.wrap(TlsMessages.message(type, new byte[] {0}));
      assertThatThrownBy(() -> session.receive(EncryptionLevel.ONE_RTT, message))
          .isInstanceOfSatisfying(
              TransportException.class, e -> assertThat(e.code()).isEqualTo(0x10a));
    }
  }

  @Test
  void aServerTakesNoTickets() throws TransportException {
    TlsSession server = complete().server;
    ByteBuffer ticket =
        ByteBuffer.wrap(TlsMessages.message(TlsMessages.NEW_SESSION_TICKET, TICKET_BODY));
    assertThatThrownBy(() -> server.receive(EncryptionLevel.ONE_RTT, ticket))
        .isInstanceOf(TransportException.class);
  }

  @Test
  void bytesOfALevelThatIsOverAreAProtocolViolation() throws TransportException {
    for (EncryptionLevel level : List.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE)) {
      TlsSession client = complete().client;
      assertThatThrownBy(() -> client.receive(level, ByteBuffer.wrap(new byte[1])))
          .isInstanceOfSatisfying(
              TransportException.class, e -> assertThat(e.code()).isEqualTo(0x0a));
    }
  }

  @Test
  void aFailedSessionTakesNothingMore() {
    TlsSession server = Handshake.server(Handshake.serverConfig());
    assertThatThrownBy(
            () -> server.receive(EncryptionLevel.HANDSHAKE, ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(TransportException.class);
    assertThatThrownBy(() -> server.receive(EncryptionLevel.INITIAL, ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void configurationsAreChecked() {
    byte[] key = Handshake.SERVER.publicKey32();
    assertThatThrownBy(() -> new TlsIdentity(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new TlsClientConfig(Handshake.CLIENT, new byte[31], List.of(Handshake.ALPN)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TlsClientConfig(Handshake.CLIENT, key, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TlsServerConfig(Handshake.SERVER, List.of(new byte[256])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new TlsServerConfig(Handshake.SERVER, List.of(Handshake.ALPN), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
