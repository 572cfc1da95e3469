package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.veilor.seed.quic.crypto.TestVectors.hex;
import static org.veilor.seed.quic.crypto.TestVectors.hexFile;
import static org.veilor.seed.quic.tls.Handshake.all;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.quic.error.TransportException;

/** What a server makes of what clients send, above all of what they should not send. */
class TlsServerTest {
  private static byte[] clientHello() {
    TlsSession client = Handshake.client(Handshake.clientConfig());
    return ((TlsOutput.CryptoData) Handshake.drain(client).remove()).bytes();
  }

  private static List<TlsOutput> serve(byte[] clientHello) throws TransportException {
    TlsSession server = Handshake.server(Handshake.serverConfig());
    server.receive(EncryptionLevel.INITIAL, ByteBuffer.wrap(clientHello));
    return new ArrayList<>(Handshake.drain(server));
  }

  private static long refusal(byte[] clientHello) {
    TransportException error =
        catchThrowableOfType(TransportException.class, () -> serve(clientHello));
    assertThat(error).isNotNull();
    assertThat(error.reason()).isNotEmpty();
    return error.code();
  }

  private static long refusal(Consumer<Map<Integer, byte[]>> extensionsChange) {
    return refusal(
        TlsMessages.editExtensions(clientHello(), TlsMessages.CLIENT_HELLO, extensionsChange));
  }

  private static byte[] flight(List<TlsOutput> outputs, EncryptionLevel level) {
    return all(outputs, TlsOutput.CryptoData.class).stream()
        .filter(data -> data.level() == level)
        .findFirst()
        .orElseThrow()
        .bytes();
  }

  /** The error of a server that gets this instead of the client's second flight. */
  private static long refusalOfSecondFlight(UnaryOperator<byte[]> change)
      throws TransportException {
    TlsSession client = Handshake.client(Handshake.clientConfig());
    TlsSession server = Handshake.server(Handshake.serverConfig());
    send(client, server);
    send(server, client);
    TlsOutput.CryptoData second =
        all(new ArrayList<>(Handshake.drain(client)), TlsOutput.CryptoData.class).getFirst();
    assertThat(TlsMessages.types(second.bytes()))
        .containsExactly(
            TlsMessages.CERTIFICATE, TlsMessages.CERTIFICATE_VERIFY, TlsMessages.FINISHED);
    TransportException error =
        catchThrowableOfType(
            TransportException.class,
            () ->
                server.receive(
                    EncryptionLevel.HANDSHAKE, ByteBuffer.wrap(change.apply(second.bytes()))));
    assertThat(error).isNotNull();
    assertThat(all(new ArrayList<>(Handshake.drain(server)), TlsOutput.Complete.class)).isEmpty();
    return error.code();
  }

  static void send(TlsSession from, TlsSession to) throws TransportException {
    for (TlsOutput output : Handshake.drain(from)) {
      if (output instanceof TlsOutput.CryptoData data) {
        to.receive(data.level(), ByteBuffer.wrap(data.bytes()));
      }
    }
  }

  @Test
  void answersTheRecordedIrohClientHello() throws TransportException {
    byte[] recorded = hexFile("tls/iroh-client-hello.hex");
    byte[] alpn = Objects.requireNonNull(TlsMessages.clientHelloExtensions(recorded).get(16));
    TlsSession server =
        Handshake.server(
            new TlsServerConfig(
                Handshake.SERVER, List.of(Arrays.copyOfRange(alpn, 3, alpn.length))));

    server.receive(EncryptionLevel.INITIAL, ByteBuffer.wrap(recorded));

    List<TlsOutput> outputs = new ArrayList<>(Handshake.drain(server));
    assertThat(TlsMessages.types(flight(outputs, EncryptionLevel.INITIAL)))
        .containsExactly(TlsMessages.SERVER_HELLO);
    byte[] second = flight(outputs, EncryptionLevel.HANDSHAKE);
    assertThat(TlsMessages.types(second))
        .containsExactly(
            TlsMessages.ENCRYPTED_EXTENSIONS,
            TlsMessages.CERTIFICATE_REQUEST,
            TlsMessages.CERTIFICATE,
            TlsMessages.CERTIFICATE_VERIFY,
            TlsMessages.FINISHED);
    Map<Integer, byte[]> extensions = TlsMessages.encryptedExtensions(second);
    assertThat(extensions).containsOnlyKeys(16, 19, 20, 57);
    assertThat(extensions.get(19)).containsExactly(2);
    assertThat(extensions.get(20)).containsExactly(2);
    assertThat(extensions.get(57)).isEqualTo(Handshake.SERVER_PARAMETERS);
    assertThat(TlsMessages.body(second, TlsMessages.CERTIFICATE_REQUEST))
        .isEqualTo(hex("00 0008 000d 0004 0002 0807"));
    assertThat(TlsMessages.body(second, TlsMessages.CERTIFICATE))
        .isEqualTo(certificate(RawPublicKey.encode(Handshake.SERVER.publicKey32())));
    assertThat(all(outputs, TlsOutput.PeerTransportParameters.class).getFirst().encoded())
        .isEqualTo(hexFile("tls/iroh-client-transport-params.hex"));
  }

  /** The body of a Certificate message with these certificates. */
  private static byte[] certificate(byte[]... entries) {
    int length = 0;
    for (byte[] entry : entries) {
      length += 3 + entry.length + 2;
    }
    ByteBuffer out = ByteBuffer.allocate(1 + 3 + length).put((byte) 0);
    out.put((byte) 0).putShort((short) length);
    for (byte[] entry : entries) {
      out.put((byte) 0).putShort((short) entry.length).put(entry).putShort((short) 0);
    }
    return out.array();
  }

  @Test
  void certificateTypesMustBeOffered() {
    assertThat(refusal(e -> e.remove(19))).isEqualTo(0x128);
    assertThat(refusal(e -> e.remove(20))).isEqualTo(0x128);
    assertThat(refusal(e -> e.put(19, hex("0100")))).isEqualTo(0x128);
    assertThat(refusal(e -> e.put(20, hex("0100")))).isEqualTo(0x128);
  }

  @Test
  void certificateTypesMayHoldOthersToo() {
    byte[] hello =
        TlsMessages.editExtensions(
            clientHello(),
            TlsMessages.CLIENT_HELLO,
            e -> {
              e.put(19, hex("020002"));
              e.put(20, hex("020200"));
            });
    assertThatCode(() -> serve(hello)).doesNotThrowAnyException();
  }

  @Test
  void onlyEd25519Signs() {
    assertThat(refusal(e -> e.put(13, hex("00020403")))).isEqualTo(0x128);
    assertThat(refusal(e -> e.remove(13))).isEqualTo(0x16d);
  }

  @Test
  void alpnMustMatch() {
    assertThat(refusal(e -> e.put(16, hex("0005 0461626364")))).isEqualTo(0x178);
    assertThat(refusal(e -> e.remove(16))).isEqualTo(0x178);
    assertThat(refusal(e -> e.put(16, hex("0000")))).isEqualTo(0x132);
  }

  @Test
  void transportParametersMustBeThere() {
    assertThat(refusal(e -> e.remove(57))).isEqualTo(0x16d);
  }

  @Test
  void onlyTls13IsSpoken() {
    assertThat(refusal(e -> e.put(43, hex("020303")))).isEqualTo(0x146);
    assertThat(refusal(e -> e.remove(43))).isEqualTo(0x146);
  }

  @Test
  void aKeyShareOfZerosIsRefused() {
    assertThat(refusal(e -> e.put(51, hex("0024 001d 0020" + "00".repeat(32)))))
        .isBetween(0x100L, 0x1ffL);
  }

  @Test
  void offersToResumeAreIgnored() throws TransportException {
    byte[] hello =
        TlsMessages.editExtensions(
            clientHello(),
            TlsMessages.CLIENT_HELLO,
            e -> {
              e.put(45, hex("0101"));
              e.put(42, hex(""));
              e.put(41, hex("0026 0020" + "11".repeat(32) + "00000000 0021 20" + "22".repeat(32)));
            });

    List<TlsOutput> outputs = serve(hello);

    assertThat(TlsMessages.types(flight(outputs, EncryptionLevel.HANDSHAKE)))
        .contains(TlsMessages.CERTIFICATE, TlsMessages.CERTIFICATE_REQUEST);
    assertThat(TlsMessages.encryptedExtensions(flight(outputs, EncryptionLevel.HANDSHAKE)))
        .doesNotContainKey(42);
  }

  @Test
  void extensionsWithoutMeaningInQuicAreIgnored() throws TransportException {
    byte[] hello =
        TlsMessages.editExtensions(
            clientHello(),
            TlsMessages.CLIENT_HELLO,
            e -> {
              e.put(1, hex("01"));
              e.put(5, hex("0100000000"));
              e.put(11, hex("0100"));
              e.put(23, hex(""));
              e.put(0x2a2a, hex("00"));
            });

    assertThat(TlsMessages.encryptedExtensions(flight(serve(hello), EncryptionLevel.HANDSHAKE)))
        .containsOnlyKeys(16, 19, 20, 57);
  }

  @Test
  void compatibilityModeIsAProtocolViolation() {
    byte[] hello =
        TlsMessages.edit(
            clientHello(),
            TlsMessages.CLIENT_HELLO,
            body -> {
              ByteBuffer out = ByteBuffer.allocate(body.length + 32);
              out.put(body, 0, 34).put((byte) 32).put(new byte[32]).put(body, 35, body.length - 35);
              return out.array();
            });
    assertThat(refusal(hello)).isEqualTo(0x0a);
  }

  @Test
  void truncatedAndOversizedMessagesAreRefused() {
    assertThat(refusal(TlsMessages.message(TlsMessages.CLIENT_HELLO, new byte[] {3, 3})))
        .isEqualTo(0x132);
    assertThat(refusal(hex("01 000000"))).isEqualTo(0x132);
    assertThat(refusal(hex("01 003ffd"))).isEqualTo(0x0d);
    assertThat(refusal(hex("01 ffffff"))).isEqualTo(0x0d);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, 5, 8, 11, 13, 15, 20, 24, 99, 254})
  void onlyAClientHelloComesFirst(int type) {
    assertThat(refusal(TlsMessages.message(type, new byte[40]))).isEqualTo(0x10a);
  }

  @Test
  void nothingMoreComesInInitialAfterTheClientHello() {
    byte[] hello = clientHello();
    byte[] more = Arrays.copyOf(hello, hello.length + 1);
    assertThat(refusal(more)).isEqualTo(0x0a);
  }

  @Test
  void theClientMustShowItsKey() throws TransportException {
    assertThat(
            refusalOfSecondFlight(
                f -> TlsMessages.edit(f, TlsMessages.CERTIFICATE, body -> certificate())))
        .isEqualTo(0x174);
    assertThat(refusalOfSecondFlight(f -> TlsMessages.split(f).getLast())).isEqualTo(0x10a);
  }

  @Test
  void theClientsCertificateIsOneEd25519Key() throws TransportException {
    byte[] spki = RawPublicKey.encode(Handshake.CLIENT.publicKey32());
    assertThat(
            refusalOfSecondFlight(
                f -> TlsMessages.edit(f, TlsMessages.CERTIFICATE, body -> certificate(spki, spki))))
        .isEqualTo(0x12a);
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f, TlsMessages.CERTIFICATE, body -> certificate(Arrays.copyOf(spki, 43)))))
        .isEqualTo(0x12a);
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f, TlsMessages.CERTIFICATE, body -> certificate(Arrays.copyOf(spki, 45)))))
        .isEqualTo(0x12a);
    byte[] ed448 = spki.clone();
    ed448[8] = 0x71;
    assertThat(
            refusalOfSecondFlight(
                f -> TlsMessages.edit(f, TlsMessages.CERTIFICATE, body -> certificate(ed448))))
        .isEqualTo(0x12a);
  }

  @Test
  void theCertificateRequestContextIsEmpty() throws TransportException {
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f,
                    TlsMessages.CERTIFICATE,
                    body ->
                        ByteBuffer.allocate(body.length + 1)
                            .put((byte) 1)
                            .put((byte) 7)
                            .put(body, 1, body.length - 1)
                            .array())))
        .isEqualTo(0x132);
  }

  @Test
  void theClientsSignatureMustBeRight() throws TransportException {
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f,
                    TlsMessages.CERTIFICATE_VERIFY,
                    body -> {
                      body[20] ^= 1;
                      return body;
                    })))
        .isEqualTo(0x133);
    byte[] otherKey = RawPublicKey.encode(Handshake.SERVER.publicKey32());
    assertThat(
            refusalOfSecondFlight(
                f -> TlsMessages.edit(f, TlsMessages.CERTIFICATE, body -> certificate(otherKey))))
        .isEqualTo(0x133);
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f,
                    TlsMessages.CERTIFICATE_VERIFY,
                    body -> {
                      body[0] = 4;
                      body[1] = 3;
                      return body;
                    })))
        .isEqualTo(0x12f);
  }

  @Test
  void aKeyOfSmallOrderIsRefused() throws TransportException {
    byte[] neutral = new byte[32];
    neutral[0] = 1;
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    TlsMessages.edit(
                        f,
                        TlsMessages.CERTIFICATE,
                        body -> certificate(RawPublicKey.encode(neutral))),
                    TlsMessages.CERTIFICATE_VERIFY,
                    body -> {
                      byte[] signature = Arrays.copyOf(body, body.length);
                      Arrays.fill(signature, 4, signature.length, (byte) 0);
                      signature[4] = 1;
                      return signature;
                    })))
        .isEqualTo(0x133);
  }

  @Test
  void theClientsFinishedMustBeRight() throws TransportException {
    assertThat(
            refusalOfSecondFlight(f ->
                TlsMessages.edit(
                    f,
                    TlsMessages.FINISHED,
                    body -> {
                      body[0] ^= 1;
                      return body;
                    })))
        .isEqualTo(0x133);
  }

  @Test
  void keyUpdateIsUnexpectedInTheHandshake() throws TransportException {
    assertThat(
            refusalOfSecondFlight(f -> TlsMessages.message(TlsMessages.KEY_UPDATE, new byte[] {0})))
        .isEqualTo(0x10a);
  }
}
