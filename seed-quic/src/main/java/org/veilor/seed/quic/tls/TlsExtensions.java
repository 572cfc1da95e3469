package org.veilor.seed.quic.tls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsFatalAlert;
import org.jspecify.annotations.Nullable;

/** The quic_transport_parameters extension (RFC 9001 §8.2) and what both roles check of others. */
@SuppressWarnings({
  "rawtypes",
  "unchecked",
  "JdkObsolete"
}) // the engine's extensions are raw tables
final class TlsExtensions {
  private static final Integer QUIC_TRANSPORT_PARAMETERS = 0x39;

  private TlsExtensions() {}

  static void putTransportParameters(Hashtable extensions, byte[] encoded) {
    extensions.put(QUIC_TRANSPORT_PARAMETERS, encoded);
  }

  /** RFC 9001 §8.2: an endpoint that finds none MUST close with missing_extension. */
  static byte[] transportParameters(@Nullable Hashtable extensions) throws TlsFatalAlert {
    Object encoded = extensions == null ? null : extensions.get(QUIC_TRANSPORT_PARAMETERS);
    if (encoded == null) {
      throw new TlsFatalAlert(AlertDescription.missing_extension, "no transport parameters");
    }
    return (byte[]) encoded;
  }

  static Vector onlyEd25519() {
    Vector algorithms = new Vector();
    algorithms.add(SignatureAndHashAlgorithm.ed25519);
    return algorithms;
  }

  static void checkEd25519(@Nullable Vector algorithms) throws IOException {
    if (algorithms == null || !algorithms.contains(SignatureAndHashAlgorithm.ed25519)) {
      throw new TlsFatalAlert(AlertDescription.handshake_failure, "peer does not take Ed25519");
    }
  }

  static void checkCertificateType(boolean isRawPublicKey, String extension) throws TlsFatalAlert {
    if (!isRawPublicKey) {
      throw new TlsFatalAlert(
          AlertDescription.handshake_failure, extension + " is not RawPublicKey");
    }
  }
}
