package org.veilor.seed.quic.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** HKDF (RFC 5869) with the labels of TLS 1.3 (RFC 8446 §7.1). */
final class Hkdf {
  private static final String LABEL_PREFIX = "tls13 ";
  private static final int MAX_LABEL_BYTES = 255;
  private static final byte[] NO_CONTEXT = {};

  private Hkdf() {}

  static byte[] extract(CipherSuite suite, byte[] salt, byte[] keyMaterial) {
    return derive(
        suite, HKDFParameterSpec.ofExtract().addSalt(salt).addIKM(keyMaterial).extractOnly());
  }

  /** HKDF-Expand-Label with an empty context. */
  static byte[] expandLabel(CipherSuite suite, byte[] secret, String label, int length) {
    return expandLabel(suite, secret, label, NO_CONTEXT, length);
  }

  /**
   * HKDF-Expand-Label.
   *
   * @throws IllegalArgumentException if the label has more than 249 characters
   */
  static byte[] expandLabel(
      CipherSuite suite, byte[] secret, String label, byte[] context, int length) {
    byte[] fullLabel = (LABEL_PREFIX + label).getBytes(StandardCharsets.US_ASCII);
    if (fullLabel.length > MAX_LABEL_BYTES) {
      throw new IllegalArgumentException("a label of " + label.length() + " characters");
    }
    ByteBuffer info = ByteBuffer.allocate(2 + 1 + fullLabel.length + 1 + context.length);
    info.putShort((short) length).put((byte) fullLabel.length).put(fullLabel);
    info.put((byte) context.length).put(context);
    return derive(
        suite,
        HKDFParameterSpec.expandOnly(
            new SecretKeySpec(secret, suite.kdfAlgorithm()), info.array(), length));
  }

  private static byte[] derive(
      CipherSuite suite, java.security.spec.AlgorithmParameterSpec parameters) {
    try {
      return KDF.getInstance(suite.kdfAlgorithm()).deriveData(parameters);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HKDF is part of the Java 25 platform", e);
    }
  }
}
