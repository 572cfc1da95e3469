package org.veilor.seed.quic.tls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.jspecify.annotations.Nullable;

/**
 * The server's choices: TLS 1.3 only, raw public keys both ways, a client key is demanded and any
 * is accepted, no tickets; offers to resume and early data are ignored.
 */
@SuppressWarnings({"rawtypes", "unchecked", "JdkObsolete"}) // the engine's collections are raw
class QuicTlsServer extends AbstractTlsServer {
  private static final short NO_MAX_FRAGMENT_LENGTH = -1;

  private final QuicTlsCrypto crypto;
  private final TlsServerConfig config;
  private final byte[] transportParameters;
  private final HandshakeObserver observer;

  QuicTlsServer(
      QuicTlsCrypto crypto,
      TlsServerConfig config,
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

  /** Our order counts: the first of ours is the cheapest, the first of iroh's is not. */
  @Override
  protected boolean preferLocalCipherSuites() {
    return true;
  }

  @Override
  protected Vector getProtocolNames() {
    return Alpns.toNames(config.alpns());
  }

  /** The client's order counts among these: it sent key shares for the first ones. */
  @Override
  public int[] getSupportedGroups() {
    return new int[] {
      NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1, NamedGroup.X25519MLKEM768
    };
  }

  @Override
  protected short[] getAllowedClientCertificateTypes() {
    return new short[] {CertificateType.RawPublicKey};
  }

  @Override
  protected boolean allowCertificateStatus() {
    return false;
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
  public void processClientExtensions(@Nullable Hashtable extensions) throws IOException {
    super.processClientExtensions(extensions);
    // Records are not ours: a fragment length has no meaning in QUIC.
    maxFragmentLengthOffered = NO_MAX_FRAGMENT_LENGTH;
    if (clientProtocolNames == null) {
      throw new TlsFatalAlert(AlertDescription.no_application_protocol);
    }
    if (clientProtocolNames.isEmpty()) {
      throw new TlsFatalAlert(AlertDescription.decode_error, "empty list of protocols");
    }
    TlsExtensions.checkCertificateType(
        offersRawPublicKey(TlsExtensionsUtils.getServerCertificateTypeExtensionClient(extensions)),
        "server_certificate_type");
    TlsExtensions.checkCertificateType(
        offersRawPublicKey(TlsExtensionsUtils.getClientCertificateTypeExtensionClient(extensions)),
        "client_certificate_type");
    TlsExtensions.checkEd25519(context.getSecurityParametersHandshake().getClientSigAlgs());
    observer.onPeerTransportParameters(TlsExtensions.transportParameters(extensions));
  }

  private static boolean offersRawPublicKey(short @Nullable [] types) {
    if (types != null) {
      for (short type : types) {
        if (type == CertificateType.RawPublicKey) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public Hashtable getServerExtensions() throws IOException {
    Hashtable extensions = super.getServerExtensions();
    TlsExtensions.putTransportParameters(extensions, transportParameters);
    return extensions;
  }

  @Override
  public TlsCredentials getCredentials() throws IOException {
    return crypto.credentials(config.identity(), new TlsCryptoParameters(context));
  }

  @Override
  public CertificateRequest getCertificateRequest() throws IOException {
    return new CertificateRequest(TlsUtils.EMPTY_BYTES, TlsExtensions.onlyEd25519(), null, null);
  }

  @Override
  public void notifyClientCertificate(Certificate certificate) throws IOException {
    // RFC 8446 §4.4.2: in the handshake the certificate_request_context is empty.
    if (certificate.getCertificateRequestContext().length != 0) {
      throw new TlsFatalAlert(
          AlertDescription.decode_error, "certificate request context is not empty");
    }
    if (certificate.isEmpty()) {
      throw new TlsFatalAlert(AlertDescription.certificate_required);
    }
    QuicTlsCrypto.onlyKey(certificate);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    var connection = context.getSecurityParametersConnection();
    observer.onComplete(
        QuicTlsCrypto.onlyKey(connection.getPeerCertificate()),
        connection.getApplicationProtocol().getBytes(),
        crypto.exporter(connection));
  }
}
