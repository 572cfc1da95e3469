package org.veilor.seed.quic.tls;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.TrafficSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;

/**
 * One TLS 1.3 handshake over CRYPTO streams (RFC 9001 §4): bytes in, {@link TlsOutput}s out.
 *
 * <p>The engine, BouncyCastle's, believes it speaks over records. Every complete handshake message
 * is put into a record of type handshake (Initial level) or application data (Handshake level), and
 * the records it writes are taken apart; {@link PassThroughCipher} keeps it from protecting them.
 * Only complete messages of the level whose turn it is reach the engine.
 */
public final class TlsSession {
  private static final int RECORD_HEADER_LENGTH = 5;
  private static final short RECORD_VERSION = 0x0303;

  /** Header, version and random: here a ClientHello has the length of its legacy_session_id. */
  private static final int SESSION_ID_OFFSET = HandshakeMessages.HEADER_LENGTH + 2 + 32;

  private final boolean isClient;
  private @Nullable TlsProtocol engine;
  private final Observer observer = new Observer();
  private final HandshakeMessages messages = new HandshakeMessages();
  private final Queue<TlsOutput> outputs = new ArrayDeque<>();
  private EncryptionLevel readLevel = EncryptionLevel.INITIAL;
  private boolean failed;

  private TlsSession(TlsProtocol engine, boolean isClient) {
    this.engine = engine;
    this.isClient = isClient;
  }

  /**
   * Starts a client; its ClientHello is the first output.
   *
   * @param transportParameters encoded, for the extension
   */
  public static TlsSession client(
      TlsClientConfig config, byte[] transportParameters, RandomSource random) {
    return client(
        random,
        (crypto, observer) -> new QuicTlsClient(crypto, config, transportParameters, observer));
  }

  /**
   * Starts a server, which waits for a ClientHello.
   *
   * @param transportParameters encoded, for the extension
   */
  public static TlsSession server(
      TlsServerConfig config, byte[] transportParameters, RandomSource random) {
    return server(
        random,
        (crypto, observer) -> new QuicTlsServer(crypto, config, transportParameters, observer));
  }

  static TlsSession client(RandomSource random, PeerFactory<QuicTlsClient> factory) {
    TlsClientProtocol engine = new TlsClientProtocol();
    TlsSession session = new TlsSession(engine, true);
    try {
      engine.connect(factory.create(new QuicTlsCrypto(random, session.observer), session.observer));
    } catch (IOException e) {
      throw new IllegalStateException("a ClientHello needs nothing from outside", e);
    }
    session.collectOutputs(engine);
    return session;
  }

  static TlsSession server(RandomSource random, PeerFactory<QuicTlsServer> factory) {
    TlsServerProtocol engine = new TlsServerProtocol();
    TlsSession session = new TlsSession(engine, false);
    try {
      engine.accept(factory.create(new QuicTlsCrypto(random, session.observer), session.observer));
    } catch (IOException e) {
      throw new IllegalStateException("nothing was received yet", e);
    }
    return session;
  }

  /** How tests put their own peer in place. */
  interface PeerFactory<T> {
    T create(QuicTlsCrypto crypto, HandshakeObserver observer);
  }

  /** The next thing to do, null if there is none now. */
  public @Nullable TlsOutput next() {
    return outputs.poll();
  }

  /**
   * Takes the next bytes, in order, of the CRYPTO stream of a level. After an exception the session
   * is dead.
   *
   * @throws TransportException 0x100 + alert, PROTOCOL_VIOLATION for bytes of a level whose turn it
   *     is not, CRYPTO_BUFFER_EXCEEDED for a message over {@link TlsLimits#MAX_MESSAGE_LENGTH}
   */
  public void receive(EncryptionLevel level, ByteBuffer cryptoBytes) throws TransportException {
    if (failed) {
      throw new IllegalStateException("the handshake has failed");
    }
    failed = true; // unless the end is reached
    while (cryptoBytes.hasRemaining()) {
      // RFC 9001 §4.1.3: data that extends past the end of previously received data in a previous
      // encryption level MUST be treated as a connection error of type PROTOCOL_VIOLATION.
      if (level != readLevel) {
        throw new TransportException(
            TransportErrorCode.PROTOCOL_VIOLATION,
            "TLS message in " + level + ", expected in " + readLevel);
      }
      byte @Nullable [] message = messages.next(cryptoBytes);
      if (message != null) {
        onMessage(message);
      }
    }
    failed = false;
  }

  private void onMessage(byte[] message) throws TransportException {
    if (readLevel == EncryptionLevel.ONE_RTT) {
      onPostHandshakeMessage(message);
      return;
    }
    if (!isClient && readLevel == EncryptionLevel.INITIAL) {
      checkSessionId(message);
    }
    if (engine == null) {
      throw new IllegalStateException("the engine is gone before the handshake is complete");
    }
    feed(engine, message);
    collectOutputs(engine);
  }

  /**
   * RFC 9001 §8.4: a server SHOULD treat a ClientHello with a non-empty legacy_session_id as a
   * PROTOCOL_VIOLATION.
   */
  private static void checkSessionId(byte[] message) throws TransportException {
    if (message[0] == HandshakeType.client_hello
        && message.length > SESSION_ID_OFFSET
        && message[SESSION_ID_OFFSET] != 0) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, "ClientHello with a legacy_session_id");
    }
  }

  private void feed(TlsProtocol engine, byte[] message) throws TransportException {
    boolean initial = readLevel == EncryptionLevel.INITIAL;
    ByteBuffer record = ByteBuffer.allocate(RECORD_HEADER_LENGTH + message.length);
    // The engine begins to read an epoch when it sees a record of type application data.
    record.put((byte) (initial ? ContentType.handshake : ContentType.application_data));
    record.putShort(RECORD_VERSION).putShort((short) message.length).put(message);
    try {
      engine.offerInput(record.array());
    } catch (TlsFatalAlert e) {
      short alert = e.getAlertDescription();
      @Nullable String reason = e.getMessage();
      throw TransportException.crypto(
          alert, reason == null ? AlertDescription.getText(alert) : reason);
    } catch (IOException e) {
      // The engine's parsers end so when a message is too short.
      throw TransportException.crypto(AlertDescription.decode_error, "TLS message is malformed");
    }
  }

  /**
   * Moves what the engine did into {@link #outputs}, in the order in which the connection needs it.
   */
  private void collectOutputs(TlsProtocol engine) {
    Flight flight = readRecords(engine);
    if (observer.peerTransportParameters != null) {
      outputs.add(new TlsOutput.PeerTransportParameters(observer.peerTransportParameters));
      observer.peerTransportParameters = null;
    }
    addCryptoData(EncryptionLevel.INITIAL, flight.initial);
    if (observer.handshakeKeys != null) {
      outputs.add(observer.handshakeKeys);
      observer.handshakeKeys = null;
      readLevel = EncryptionLevel.HANDSHAKE;
    }
    addCryptoData(EncryptionLevel.HANDSHAKE, flight.handshake);
    if (observer.applicationKeys != null) {
      outputs.add(observer.applicationKeys);
      observer.applicationKeys = null;
    }
    if (observer.complete != null) {
      outputs.add(observer.complete);
      observer.complete = null;
      readLevel = EncryptionLevel.ONE_RTT;
      this.engine = null; // and with it, its memory and its secrets
    }
  }

  private void addCryptoData(EncryptionLevel level, ByteBuffer bytes) {
    if (bytes.flip().hasRemaining()) {
      byte[] data = new byte[bytes.remaining()];
      bytes.get(data);
      outputs.add(new TlsOutput.CryptoData(level, data));
    }
  }

  private record Flight(ByteBuffer initial, ByteBuffer handshake) {}

  private static Flight readRecords(TlsProtocol engine) {
    byte[] written = new byte[engine.getAvailableOutputBytes()];
    engine.readOutput(written, 0, written.length);
    ByteBuffer in = ByteBuffer.wrap(written);
    Flight flight =
        new Flight(ByteBuffer.allocate(written.length), ByteBuffer.allocate(written.length));
    while (in.hasRemaining()) {
      int type = in.get() & 0xff;
      in.getShort();
      int length = in.getShort() & 0xffff;
      ByteBuffer fragment = in.slice(in.position(), length);
      in.position(in.position() + length);
      switch (type) {
        case ContentType.handshake -> flight.initial.put(fragment);
        case QuicTlsCrypto.HANDSHAKE_RECORD -> flight.handshake.put(fragment);
        // RFC 9001 §8.4: no change_cipher_spec in QUIC; the engine writes one all the same.
        case ContentType.change_cipher_spec -> {}
        default -> throw new IllegalStateException("the engine wrote a record of type " + type);
      }
    }
    return flight;
  }

  /** RFC 9001 §6: KeyUpdate is an error; without tickets, nothing else is expected of a server. */
  private void onPostHandshakeMessage(byte[] message) throws TransportException {
    if (!isClient || message[0] != HandshakeType.new_session_ticket) {
      throw TransportException.crypto(
          AlertDescription.unexpected_message, "TLS message of type " + (message[0] & 0xff));
    }
    checkSessionTicket(ByteBuffer.wrap(message));
  }

  /** RFC 8446 §4.6.1: lifetime, age_add, nonce, ticket, extensions; we never resume. */
  private static void checkSessionTicket(ByteBuffer in) throws TransportException {
    try {
      in.position(HandshakeMessages.HEADER_LENGTH + 4 + 4);
      skip(in, in.get() & 0xff);
      skip(in, in.getShort() & 0xffff);
      skip(in, in.getShort() & 0xffff);
      if (!in.hasRemaining()) {
        return;
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw malformedTicket();
    }
    throw malformedTicket();
  }

  private static void skip(ByteBuffer in, int length) {
    in.position(in.position() + length);
  }

  private static TransportException malformedTicket() {
    return TransportException.crypto(
        AlertDescription.decode_error, "NewSessionTicket is malformed");
  }

  /** Keeps what the engine's callbacks tell until its call returns. */
  private static final class Observer implements HandshakeObserver {
    private byte @Nullable [] peerTransportParameters;
    private TlsOutput.@Nullable Keys handshakeKeys;
    private TlsOutput.@Nullable Keys applicationKeys;
    private TlsOutput.@Nullable Complete complete;
    private boolean handshakeKeysSeen;

    @Override
    public void onSecrets(TrafficSecret client, TrafficSecret server) {
      if (handshakeKeysSeen) {
        applicationKeys = new TlsOutput.Keys(EncryptionLevel.ONE_RTT, client, server);
      } else {
        handshakeKeysSeen = true;
        handshakeKeys = new TlsOutput.Keys(EncryptionLevel.HANDSHAKE, client, server);
      }
    }

    @Override
    public void onPeerTransportParameters(byte[] encoded) {
      peerTransportParameters = encoded.clone();
    }

    @Override
    public void onComplete(byte[] peerKey32, byte[] alpn, ExporterSecret exporter) {
      complete = new TlsOutput.Complete(peerKey32, alpn, exporter);
    }
  }
}
