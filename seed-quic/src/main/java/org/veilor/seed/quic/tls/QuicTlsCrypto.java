package org.veilor.seed.quic.tls;

import java.io.IOException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsNonceGenerator;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.crypto.CipherSuite;
import org.veilor.seed.quic.crypto.ExporterSecret;
import org.veilor.seed.quic.crypto.TrafficSecret;

/**
 * The cryptography of the TLS engine, with three changes: where it would protect records it reveals
 * the traffic secrets, it only knows Ed25519 raw public keys, and all its randomness is ours.
 */
final class QuicTlsCrypto extends BcTlsCrypto {
  /** Record types that mark the epoch of written records; TLS uses none of them. */
  static final short HANDSHAKE_RECORD = 0xe1;

  static final short APPLICATION_RECORD = 0xe2;

  private final RandomSource random;
  private final HandshakeObserver observer;
  private int epochs;

  QuicTlsCrypto(RandomSource random, HandshakeObserver observer) {
    super(new RandomSourceAdapter(random));
    this.random = random;
    this.observer = observer;
  }

  /** The engine calls this twice: for the handshake and for the application epoch. */
  @Override
  public TlsCipher createCipher(
      TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
      throws IOException {
    epochs++;
    if (epochs > 2) {
      throw new TlsFatalAlert(AlertDescription.internal_error);
    }
    SecurityParameters secrets = parameters.getSecurityParametersHandshake();
    CipherSuite suite = CipherSuite.of(secrets.getCipherSuite());
    observer.onSecrets(
        secret(suite, secrets.getTrafficSecretClient()),
        secret(suite, secrets.getTrafficSecretServer()));
    return new PassThroughCipher(epochs == 1 ? HANDSHAKE_RECORD : APPLICATION_RECORD);
  }

  /** The exporter secret of a complete handshake. */
  ExporterSecret exporter(SecurityParameters connection) {
    CipherSuite suite = CipherSuite.of(connection.getCipherSuite());
    return new ExporterSecret(suite, adoptSecret(connection.getExporterMasterSecret()).extract());
  }

  /** Extracting destroys a secret that the engine still needs, so a copy is extracted. */
  private TrafficSecret secret(CipherSuite suite, TlsSecret secret) {
    return new TrafficSecret(suite, adoptSecret(secret).extract());
  }

  @Override
  public TlsCertificate createCertificate(short type, byte[] encoding) throws IOException {
    if (type != CertificateType.RawPublicKey) {
      throw new TlsFatalAlert(AlertDescription.unsupported_certificate);
    }
    return new RawKeyCertificate(this, encoding);
  }

  /** The default one mixes in the system clock. */
  @Override
  public TlsNonceGenerator createNonceGenerator(byte[] additionalSeedMaterial) {
    return size -> {
      byte[] nonce = new byte[size];
      random.fill(nonce);
      return nonce;
    };
  }

  /** Our certificate and the means to sign with its key. */
  TlsCredentialedSigner credentials(TlsIdentity identity, TlsCryptoParameters parameters)
      throws IOException {
    TlsCertificate key = new RawKeyCertificate(this, RawPublicKey.encode(identity.publicKey32()));
    Certificate certificate =
        new Certificate(
            CertificateType.RawPublicKey,
            TlsUtils.EMPTY_BYTES,
            new CertificateEntry[] {new CertificateEntry(key, null)});
    return new BcDefaultTlsCredentialedSigner(
        parameters, this, identity.privateKey(), certificate, SignatureAndHashAlgorithm.ed25519);
  }

  /** The key in the peer's certificate message, which must be its only entry. */
  static byte[] onlyKey(Certificate certificate) throws IOException {
    if (certificate.getLength() != 1
        || !(certificate.getCertificateAt(0) instanceof RawKeyCertificate key)) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate, "not exactly one raw public key");
    }
    return key.key32();
  }
}
