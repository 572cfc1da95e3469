package org.veilor.seed.quic.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

class RawPublicKeyFuzzTest {
  private static final int SPKI_LENGTH = 44;
  private static final byte[] MESSAGE = {1, 2, 3};

  /** A certificate of any bytes is one Ed25519 key in its only encoding, or refused. */
  @FuzzTest
  void aCertificateIsAKeyOrRefused(byte[] spki) throws IOException {
    try {
      RawKeyCertificate certificate = new RawKeyCertificate(new BcTlsCrypto(), spki);
      assertThat(RawPublicKey.encode(certificate.key32())).isEqualTo(spki);
    } catch (TlsFatalAlert e) {
      assertThat(RawPublicKey.isEncoded(spki)).isFalse();
    }
  }

  /** No key and signature of any bytes verify: whoever has no secret key signs nothing. */
  @FuzzTest
  void noBytesAreASignature(byte[] input) {
    byte[] key = Arrays.copyOf(input, RawPublicKey.KEY_LENGTH);
    byte[] signature =
        Arrays.copyOfRange(
            input, Math.min(RawPublicKey.KEY_LENGTH, input.length), Math.max(96, input.length));
    assertThat(RawPublicKey.verifyStrictly(key, MESSAGE, signature)).isFalse();
    byte[] spki = RawPublicKey.encode(key);
    assertThat(spki).hasSize(SPKI_LENGTH);
    assertThat(RawPublicKey.decode(spki)).isEqualTo(key);
  }
}
