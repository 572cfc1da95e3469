package org.veilor.seed.quic.tls;

import java.io.IOException;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.jspecify.annotations.Nullable;

/**
 * The client's choices, as an iroh client makes them: TLS 1.3 only, raw public keys both ways,
 * Ed25519 only, one x25519 key share, no server name, no tickets.
 */
@SuppressWarnings({"rawtypes", "unchecked", "JdkObsolete"}) // the engine's collections are raw
class QuicTlsClient extends AbstractTlsClient {
  private final QuicTlsCrypto crypto;
  private final TlsClientConfig config;
  private final byte[] transportParameters;
  private final HandshakeObserver observer;

  QuicTlsClient(
      QuicTlsCrypto crypto,
      TlsClientConfig config,
      byte[] transportParameters,
      HandshakeObserver observer) {
    super(crypto);
    this.crypto = crypto;
    this.config = config;
    this.transportParameters = transportParameters;
    this.observer = observer;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.TLSv13.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return CipherSuites.ids(config.suites());
  }

  @Override
  protected Vector getProtocolNames() {
    return Alpns.toNames(config.alpns());
  }

  @Override
  protected @Nullable Vector getSNIServerNames() {
    return null;
  }

  @Override
  protected Vector getSupportedGroups(Vector namedGroupRoles) {
    Vector groups = new Vector();
    groups.add(NamedGroup.x25519);
    groups.add(NamedGroup.secp256r1);
    groups.add(NamedGroup.secp384r1);
    return groups;
  }

  @Override
  protected Vector getSupportedSignatureAlgorithms() {
    return TlsExtensions.onlyEd25519();
  }

  @Override
  protected short[] getAllowedClientCertificateTypes() {
    return new short[] {CertificateType.RawPublicKey};
  }

  @Override
  protected short[] getAllowedServerCertificateTypes() {
    return new short[] {CertificateType.RawPublicKey};
  }

  @Override
  protected @Nullable CertificateStatusRequest getCertificateStatusRequest() {
    return null;
  }

  /** RFC 9001 §8.4: a client MUST NOT request the use of the TLS 1.3 compatibility mode. */
  @Override
  public boolean shouldUseCompatibilityMode() {
    return false;
  }

  /** Without the extension the server sends no tickets. */
  @Override
  public short @Nullable [] getPskKeyExchangeModes() {
    return null;
  }

  @Override
  public int getMaxHandshakeMessageSize() {
    return TlsLimits.MAX_MESSAGE_LENGTH;
  }

  @Override
  public int getMaxCertificateChainLength() {
    return TlsLimits.MAX_CERTIFICATE_ENTRIES;
  }

  @Override
  public Hashtable getClientExtensions() throws IOException {
    Hashtable extensions = super.getClientExtensions();
    TlsExtensions.putTransportParameters(extensions, transportParameters);
    return extensions;
  }

  @Override
  public void processServerExtensions(Hashtable extensions) throws IOException {
    super.processServerExtensions(extensions);
    TlsExtensions.checkCertificateType(
        TlsExtensionsUtils.getServerCertificateTypeExtensionServer(extensions)
            == CertificateType.RawPublicKey,
        "server_certificate_type");
    TlsExtensions.checkCertificateType(
        TlsExtensionsUtils.getClientCertificateTypeExtensionServer(extensions)
            == CertificateType.RawPublicKey,
        "client_certificate_type");
    // RFC 9001 §8.1: endpoints MUST use ALPN; without a common protocol the error is
    // no_application_protocol.
    @Nullable ProtocolName alpn = TlsExtensionsUtils.getALPNExtensionServer(extensions);
    if (alpn == null || !getProtocolNames().contains(alpn)) {
      throw new TlsFatalAlert(AlertDescription.no_application_protocol);
    }
    observer.onPeerTransportParameters(TlsExtensions.transportParameters(extensions));
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
        byte[] key32 = QuicTlsCrypto.onlyKey(certificate.getCertificate());
        if (!Arrays.equals(key32, config.expectedServerKey32())) {
          throw new TlsFatalAlert(
              AlertDescription.unknown_ca, "the server has another key than the one dialled");
        }
      }

      @Override
      public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
        TlsExtensions.checkEd25519(request.getSupportedSignatureAlgorithms());
        return crypto.credentials(config.identity(), new TlsCryptoParameters(context));
      }
    };
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    observer.onComplete(
        config.expectedServerKey32().clone(),
        context.getSecurityParametersConnection().getApplicationProtocol().getBytes(),
        crypto.exporter(context.getSecurityParametersConnection()));
  }
}
