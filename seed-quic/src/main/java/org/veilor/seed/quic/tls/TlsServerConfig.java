package org.veilor.seed.quic.tls;

import java.util.List;
import org.veilor.seed.quic.crypto.CipherSuite;

/**
 * What a server accepts.
 *
 * @param identity our key
 * @param alpns accepted protocols; the first that the client offers too is chosen
 * @param suites accepted cipher suites; the first that the client offers too is chosen
 */
public record TlsServerConfig(TlsIdentity identity, List<byte[]> alpns, List<CipherSuite> suites) {
  /** Copies everything. */
  public TlsServerConfig {
    alpns = Alpns.checked(alpns);
    suites = CipherSuites.checked(suites);
  }

  /** With all cipher suites, AES-128-GCM first. */
  public TlsServerConfig(TlsIdentity identity, List<byte[]> alpns) {
    this(identity, alpns, CipherSuites.DEFAULT);
  }
}
