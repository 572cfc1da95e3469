package org.veilor.seed.quic.tls;

import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.ProtocolName;

/** Lists of application protocol names, RFC 7301. */
final class Alpns {
  private static final int MAX_LENGTH = 255;

  private Alpns() {}

  static List<byte[]> checked(List<byte[]> alpns) {
    if (alpns.isEmpty()) {
      throw new IllegalArgumentException("no ALPN");
    }
    for (byte[] alpn : alpns) {
      if (alpn.length == 0 || alpn.length > MAX_LENGTH) {
        throw new IllegalArgumentException("ALPN of " + alpn.length + " bytes");
      }
    }
    return alpns.stream().map(byte[]::clone).toList();
  }

  @SuppressWarnings("JdkObsolete") // what the TLS engine takes
  static Vector<ProtocolName> toNames(List<byte[]> alpns) {
    Vector<ProtocolName> names = new Vector<>();
    alpns.forEach(alpn -> names.add(ProtocolName.asRawBytes(alpn)));
    return names;
  }
}
