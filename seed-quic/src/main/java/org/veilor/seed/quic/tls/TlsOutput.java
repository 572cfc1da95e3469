package org.veilor.seed.quic.tls;

import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.TrafficSecret;

/** What the handshake asks the connection to do, in order. */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public sealed interface TlsOutput {
  /** Bytes to append to the CRYPTO stream of a level. */
  record CryptoData(EncryptionLevel level, byte[] bytes) implements TlsOutput {}

  /** The secrets of HANDSHAKE or ONE_RTT; they come before data of that level. */
  record Keys(EncryptionLevel level, TrafficSecret client, TrafficSecret server)
      implements TlsOutput {}

  /**
   * The peer's transport parameters, as soon as they are known. A server knows them before they are
   * authenticated, which {@link Complete} tells.
   */
  record PeerTransportParameters(byte[] encoded) implements TlsOutput {}

  /** The handshake is complete: both sides are authenticated. */
  record Complete(byte[] peerKey32, byte[] alpn, ExporterSecret exporter) implements TlsOutput {}
}
