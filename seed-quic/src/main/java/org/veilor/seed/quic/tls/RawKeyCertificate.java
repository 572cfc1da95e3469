package org.veilor.seed.quic.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.Tls13Verifier;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsRawKeyCertificate;

/** An Ed25519 raw public key that verifies strictly. */
final class RawKeyCertificate extends BcTlsRawKeyCertificate {
  private final byte[] key32;

  RawKeyCertificate(BcTlsCrypto crypto, byte[] spki) throws IOException {
    super(crypto, checked(spki));
    this.key32 = RawPublicKey.decode(spki);
  }

  private static byte[] checked(byte[] spki) throws TlsFatalAlert {
    if (!RawPublicKey.isEncoded(spki)) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate, "not an Ed25519 public key");
    }
    return spki;
  }

  byte[] key32() {
    return key32.clone();
  }

  @Override
  public Tls13Verifier createVerifier(int signatureScheme) throws IOException {
    if (signatureScheme != SignatureScheme.ed25519) {
      throw new TlsFatalAlert(AlertDescription.illegal_parameter, "signature is not Ed25519");
    }
    return new StrictVerifier(key32);
  }

  private static final class StrictVerifier implements Tls13Verifier {
    private final byte[] key32;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    StrictVerifier(byte[] key32) {
      this.key32 = key32;
    }

    @Override
    public OutputStream getOutputStream() {
      return message;
    }

    @Override
    public boolean verifySignature(byte[] signature) {
      return RawPublicKey.verifyStrictly(key32, message.toByteArray(), signature);
    }
  }
}
