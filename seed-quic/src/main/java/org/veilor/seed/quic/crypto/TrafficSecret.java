package org.veilor.seed.quic.crypto;

import java.util.HexFormat;
import org.veilor.seed.quic.packet.ConnectionId;

/**
 * The secret of one direction at one encryption level and key phase, from which the keys are
 * derived (RFC 9001 §5.1). Keep the {@link HeaderProtection} of the first phase: it does not
 * change.
 */
public final class TrafficSecret {
  /** RFC 9001 §5.2. */
  private static final byte[] INITIAL_SALT =
      HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

  private final CipherSuite suite;
  private final byte[] secret;

  /** Copies the secret, which has the length of the suite's hash. */
  public TrafficSecret(CipherSuite suite, byte[] secret) {
    if (secret.length != suite.hashLength()) {
      throw new IllegalArgumentException("traffic secret of " + secret.length + " bytes");
    }
    this.suite = suite;
    this.secret = secret.clone();
  }

  /**
   * The two secrets of Initial packets, {client, server}.
   *
   * @param clientDestination destination of the client's first Initial, or of the first after Retry
   */
  public static TrafficSecret[] initial(ConnectionId clientDestination) {
    CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;
    byte[] initial = Hkdf.extract(suite, INITIAL_SALT, clientDestination.toBytes());
    return new TrafficSecret[] {
      new TrafficSecret(suite, Hkdf.expandLabel(suite, initial, "client in", suite.hashLength())),
      new TrafficSecret(suite, Hkdf.expandLabel(suite, initial, "server in", suite.hashLength()))
    };
  }

  /** The cipher suite. */
  public CipherSuite suite() {
    return suite;
  }

  /** The secret of the next key phase, RFC 9001 §6.1. */
  public TrafficSecret next() {
    return new TrafficSecret(suite, expand("quic ku", suite.hashLength()));
  }

  /** A fresh AEAD for packets of this direction. */
  public PacketProtection protection() {
    return new PacketProtection(
        suite,
        expand("quic key", suite.keyLength()),
        expand("quic iv", PacketProtection.NONCE_LENGTH));
  }

  /** A fresh header protection for packets of this direction. */
  public HeaderProtection headerProtection() {
    return new HeaderProtection(suite, expand("quic hp", suite.keyLength()));
  }

  /** A copy, for tests and vectors of this package. */
  byte[] secret() {
    return secret.clone();
  }

  byte[] expand(String label, int length) {
    return Hkdf.expandLabel(suite, secret, label, length);
  }

  /** Hides the secret. */
  @Override
  public String toString() {
    return "TrafficSecret[" + suite + "]";
  }
}
