package org.veilor.seed.quic.endpoint;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.veilor.seed.quic.connection.Connection;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.TlsIdentity;

/** Connections that nobody answers. */
final class TestConnections {
  private TestConnections() {}

  static Connection client() {
    byte[] key = new byte[32];
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    EndpointConfig config =
        new EndpointConfig(
            new TlsIdentity(key),
            List.of(),
            List.of(CipherSuite.TLS_AES_128_GCM_SHA256),
            key,
            TransportConfig.defaults(),
            1,
            1,
            1);
    return new QuicEndpoint(config, new Random(1)::nextBytes)
        .connect(
            List.of(new NetworkPath(any, any)),
            new TlsIdentity(key).publicKey32(),
            List.of(new byte[] {1}),
            0);
  }
}
