package org.veilor.seed.quic.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The exporter_master_secret of a connection, from which applications derive keys that both ends
 * have and nobody else: what they prove with those is bound to this connection (RFC 8446 §7.5).
 */
public final class ExporterSecret {
  /** HKDF ends after so many blocks (RFC 5869 §2.3). */
  private static final int MAX_EXPORT_HASHES = 255;

  private final CipherSuite suite;
  private final byte[] secret;

  /** Copies the secret, which has the length of the suite's hash. */
  public ExporterSecret(CipherSuite suite, byte[] secret) {
    if (secret.length != suite.hashLength()) {
      throw new IllegalArgumentException("exporter secret of " + secret.length + " bytes");
    }
    this.suite = suite;
    this.secret = secret.clone();
  }

  /**
   * Derives key material.
   *
   * @param label ASCII, which says what it is for
   * @param context anything; may be empty
   * @throws IllegalArgumentException if more than 255 hashes are wanted, or the label is too long
   */
  public byte[] export(String label, byte[] context, int lengthBytes) {
    if (lengthBytes < 0 || lengthBytes > MAX_EXPORT_HASHES * suite.hashLength()) {
      throw new IllegalArgumentException("cannot export " + lengthBytes + " bytes");
    }
    // TLS-Exporter(label, context_value, key_length) = HKDF-Expand-Label(
    //   Derive-Secret(Secret, label, ""), "exporter", Hash(context_value), key_length)
    byte[] derived = Hkdf.expandLabel(suite, secret, label, hash(new byte[0]), suite.hashLength());
    return Hkdf.expandLabel(suite, derived, "exporter", hash(context), lengthBytes);
  }

  private byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance(suite.hashAlgorithm()).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-2 is part of the Java platform", e);
    }
  }

  /** Hides the secret. */
  @Override
  public String toString() {
    return "ExporterSecret[" + suite + "]";
  }
}
