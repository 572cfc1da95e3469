package org.veilor.seed.gossip.service;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Blake3Hasher;

/** The 32 bytes that make an endpoint a member of a group. It never shows itself. */
public final class ServiceSecret {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private ServiceSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The secret with these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are not exactly {@value #LENGTH}
   */
  public static ServiceSecret of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a service secret has 32 bytes, not " + bytes.length);
    }
    return new ServiceSecret(bytes.clone());
  }

  /** A new secret; the generator must be one that nobody can predict. */
  public static ServiceSecret generate(RandomGenerator secureRandom) {
    byte[] bytes = new byte[LENGTH];
    secureRandom.nextBytes(bytes);
    return new ServiceSecret(bytes);
  }

  /** A new array with the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** A hasher keyed by the secret. */
  Blake3Hasher keyedHasher() {
    return Blake3Hasher.keyed(bytes);
  }

  /** Takes the same time whether or not they are equal. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServiceSecret that && ConstantTime.equal(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes[0] << 8 | bytes[1];
  }

  @Override
  public String toString() {
    return "a service secret";
  }
}
