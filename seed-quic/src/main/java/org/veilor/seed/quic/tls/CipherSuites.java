package org.veilor.seed.quic.tls;

import java.util.List;
import org.veilor.seed.quic.crypto.CipherSuite;

/** Lists of cipher suites. */
final class CipherSuites {
  /** The cheapest first. */
  static final List<CipherSuite> DEFAULT = List.of(CipherSuite.values());

  private CipherSuites() {}

  static List<CipherSuite> checked(List<CipherSuite> suites) {
    if (suites.isEmpty()) {
      throw new IllegalArgumentException("no cipher suite");
    }
    return List.copyOf(suites);
  }

  static int[] ids(List<CipherSuite> suites) {
    return suites.stream().mapToInt(CipherSuite::id).toArray();
  }
}
