package org.veilor.seed.core.identity;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The secret key of an endpoint: the 32-byte seed of RFC 8032 section 5.1.5.
 *
 * <p>It never shows itself: {@link #toString()} names the public id. There is deliberately no
 * {@code equals}.
 */
public final class SecretKey {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] seed;
  private final EndpointId id;

  private SecretKey(byte[] seed) {
    this.seed = seed;
    byte[] publicKey = new byte[EndpointId.LENGTH];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    this.id = EndpointId.ofPublicKey(publicKey);
  }

  /**
   * The key with this seed, which is copied.
   *
   * @throws IllegalArgumentException if it has not exactly {@value #LENGTH} bytes
   */
  public static SecretKey of(byte[] seed) {
    if (seed.length != LENGTH) {
      throw new IllegalArgumentException("a secret key has 32 bytes, not " + seed.length);
    }
    return new SecretKey(seed.clone());
  }

  /**
   * Reads 64 lower-case hex digits, or 52 characters of base32 in either case.
   *
   * @throws MalformedException if it is neither; the message does not repeat the text
   */
  public static SecretKey parse(String text) throws MalformedException {
    return new SecretKey(KeyText.parse(text));
  }

  /** The public half. */
  public EndpointId id() {
    return id;
  }

  /** A new array with the seed, for storing it and for the TLS library. */
  public byte[] toBytes() {
    return seed.clone();
  }

  /** Signs a message. */
  public Signature sign(byte[] message) {
    byte[] signature = new byte[Signature.LENGTH];
    Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    return Signature.of(signature);
  }

  /** Names the public id only. */
  @Override
  public String toString() {
    return "SecretKey of " + id;
  }
}
