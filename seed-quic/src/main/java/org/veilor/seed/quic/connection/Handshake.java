package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.TrafficSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.params.TransportParameters;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.tls.EncryptionLevel;
import org.veilor.seed.quic.tls.TlsOutput;
import org.veilor.seed.quic.tls.TlsSession;

/**
 * The TLS handshake carried in CRYPTO frames (RFC 9001 §4), the keys it yields, and the Initial and
 * Handshake packet number spaces that live and die with them.
 */
final class Handshake {
  /** What the connection is told as the handshake proceeds. */
  interface Listener {
    /** Once, before the handshake completes. */
    void onPeerParameters(TransportParameters parameters) throws TransportException;

    /** Once. */
    void onComplete(byte[] peerKey, byte[] alpn) throws TransportException;
  }

  private final boolean isClient;
  private final TlsSession tls;
  private final long keyUpdatePackets;
  private final Listener listener;
  private final CryptoStream[] streams = {
    new CryptoStream(), new CryptoStream(), new CryptoStream()
  };
  private final PacketSpace[] spaces = {PacketSpace.handshake(), PacketSpace.handshake()};
  private final @Nullable LevelKeys[] keys = new @Nullable LevelKeys[2];
  private final boolean[] discarded = new boolean[2];
  private @Nullable OneRttKeys oneRttKeys;
  private @Nullable ExporterSecret exporter;
  private boolean hasPeerParameters;
  private boolean complete;
  private boolean confirmed;

  Handshake(
      boolean isClient,
      TlsSession tls,
      ConnectionId clientDestination,
      long keyUpdatePackets,
      Listener listener) {
    this.isClient = isClient;
    this.tls = tls;
    this.keyUpdatePackets = keyUpdatePackets;
    this.listener = listener;
    installInitialKeys(clientDestination);
  }

  /**
   * RFC 9001 §5.2: from the destination of the client's first Initial, after a Retry of its second.
   */
  void installInitialKeys(ConnectionId clientDestination) {
    TrafficSecret[] secrets = TrafficSecret.initial(clientDestination);
    keys[0] =
        isClient ? LevelKeys.of(secrets[0], secrets[1]) : LevelKeys.of(secrets[1], secrets[0]);
  }

  /** Sends the ClientHello again under new Initial keys (RFC 9000 §17.2.5.2). */
  void restartAfterRetry(ConnectionId newDestination) {
    installInitialKeys(newDestination);
    streams[0].restart();
  }

  CryptoStream stream(EncryptionLevel level) {
    return streams[level.index()];
  }

  /** The space of INITIAL or HANDSHAKE. */
  PacketSpace space(EncryptionLevel level) {
    return spaces[level.index()];
  }

  /** The keys of INITIAL or HANDSHAKE while they are there. */
  @Nullable LevelKeys keys(EncryptionLevel level) {
    return keys[level.index()];
  }

  @Nullable OneRttKeys oneRttKeys() {
    return oneRttKeys;
  }

  boolean isDiscarded(EncryptionLevel level) {
    return level != EncryptionLevel.ONE_RTT && discarded[level.index()];
  }

  /** Whether packets can be sent at a level. */
  boolean canSend(EncryptionLevel level) {
    return level == EncryptionLevel.ONE_RTT ? oneRttKeys != null : keys[level.index()] != null;
  }

  boolean isComplete() {
    return complete;
  }

  /** Null until the handshake is complete. */
  @Nullable ExporterSecret exporter() {
    return exporter;
  }

  boolean isConfirmed() {
    return confirmed;
  }

  /** RFC 9001 §4.1.2: at the server when complete, at the client on HANDSHAKE_DONE. */
  void setConfirmed() {
    confirmed = true;
  }

  /**
   * RFC 9001 §4.9: the keys of a finished level are dropped; its space is the caller's to settle.
   */
  void discard(EncryptionLevel level) {
    keys[level.index()] = null;
    discarded[level.index()] = true;
  }

  /** Takes a CRYPTO frame in and lets TLS work on what is complete. */
  void onCrypto(EncryptionLevel level, Frame.Crypto frame) throws TransportException {
    CryptoStream stream = streams[level.index()];
    stream.receive(frame);
    for (ByteBuffer bytes = stream.nextInOrder(); bytes != null; bytes = stream.nextInOrder()) {
      tls.receive(level, bytes);
      pump();
    }
  }

  /** Takes out what TLS has to say. */
  void pump() throws TransportException {
    for (TlsOutput output = tls.next(); output != null; output = tls.next()) {
      switch (output) {
        case TlsOutput.CryptoData data -> streams[data.level().index()].send(data.bytes());
        case TlsOutput.Keys secrets -> install(secrets);
        case TlsOutput.PeerTransportParameters parameters -> {
          hasPeerParameters = true;
          listener.onPeerParameters(TransportParameters.decode(parameters.encoded(), isClient));
        }
        case TlsOutput.Complete done -> {
          if (!hasPeerParameters) {
            throw new TransportException(
                TransportErrorCode.TRANSPORT_PARAMETER_ERROR, "no transport parameters");
          }
          complete = true;
          exporter = done.exporter();
          listener.onComplete(done.peerKey32(), done.alpn());
        }
      }
    }
  }

  private void install(TlsOutput.Keys secrets) {
    TrafficSecret local = isClient ? secrets.client() : secrets.server();
    TrafficSecret remote = isClient ? secrets.server() : secrets.client();
    if (secrets.level() == EncryptionLevel.ONE_RTT) {
      oneRttKeys = new OneRttKeys(local, remote, keyUpdatePackets);
    } else {
      keys[secrets.level().index()] = LevelKeys.of(local, remote);
    }
  }
}
