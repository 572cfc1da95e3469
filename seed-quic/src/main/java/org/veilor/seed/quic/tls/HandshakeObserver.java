package org.veilor.seed.quic.tls;

import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.TrafficSecret;

/** What the callbacks of the TLS engine tell the session. */
interface HandshakeObserver {
  /** The secrets of the next epoch: first those of the handshake, then those of the application. */
  void onSecrets(TrafficSecret client, TrafficSecret server);

  /** The content of the peer's quic_transport_parameters extension. */
  void onPeerTransportParameters(byte[] encoded);

  /** The engine is done. */
  void onComplete(byte[] peerKey32, byte[] alpn, ExporterSecret exporter);
}
