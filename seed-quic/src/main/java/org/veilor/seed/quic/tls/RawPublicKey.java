package org.veilor.seed.quic.tls;

import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Ed25519 keys as RFC 7250 certificates: a SubjectPublicKeyInfo of exactly 44 bytes (RFC 8410). */
final class RawPublicKey {
  static final int KEY_LENGTH = 32;

  private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final int SIGNATURE_LENGTH = 64;

  private RawPublicKey() {}

  static byte[] encode(byte[] key32) {
    byte[] spki = Arrays.copyOf(PREFIX, PREFIX.length + KEY_LENGTH);
    System.arraycopy(key32, 0, spki, PREFIX.length, KEY_LENGTH);
    return spki;
  }

  static boolean isEncoded(byte[] spki) {
    return spki.length == PREFIX.length + KEY_LENGTH
        && Arrays.equals(spki, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  static byte[] decode(byte[] spki) {
    return Arrays.copyOfRange(spki, PREFIX.length, spki.length);
  }

  /**
   * RFC 8032 verification that also refuses keys and commitments of small order and every encoding
   * that is not canonical, so that a signature says something about one key only.
   */
  static boolean verifyStrictly(byte[] key32, byte[] message, byte[] signature) {
    return signature.length == SIGNATURE_LENGTH
        && Ed25519.validatePublicKeyPartial(key32, 0)
        && Ed25519.validatePublicKeyPartial(signature, 0)
        && Ed25519.verify(signature, 0, key32, 0, message, 0, message.length);
  }
}
