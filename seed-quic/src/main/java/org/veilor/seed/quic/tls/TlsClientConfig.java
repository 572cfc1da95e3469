package org.veilor.seed.quic.tls;

import java.util.List;
import org.veilor.seed.quic.crypto.CipherSuite;

/**
 * What a client offers and expects.
 *
 * @param identity our key
 * @param expectedServerKey32 the endpoint id that is dialled, 32 bytes
 * @param alpns offered protocols, most wanted first; not empty
 * @param suites offered cipher suites, most wanted first; not empty
 */
@SuppressWarnings("ArrayRecordComponent") // copied here, never compared as a whole
public record TlsClientConfig(
    TlsIdentity identity,
    byte[] expectedServerKey32,
    List<byte[]> alpns,
    List<CipherSuite> suites) {
  /** Copies everything. */
  public TlsClientConfig {
    if (expectedServerKey32.length != RawPublicKey.KEY_LENGTH) {
      throw new IllegalArgumentException("key of " + expectedServerKey32.length + " bytes");
    }
    expectedServerKey32 = expectedServerKey32.clone();
    alpns = Alpns.checked(alpns);
    suites = CipherSuites.checked(suites);
  }

  /** With all cipher suites, AES-128-GCM first. */
  public TlsClientConfig(TlsIdentity identity, byte[] expectedServerKey32, List<byte[]> alpns) {
    this(identity, expectedServerKey32, alpns, CipherSuites.DEFAULT);
  }
}
