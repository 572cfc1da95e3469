package org.veilor.seed.quic;

/**
 * Where random bytes come from: connection ids, tokens, path challenges, skipped packet numbers.
 *
 * <p>The real instance is a cryptographic generator; a simulation passes a seeded one, which makes
 * a whole connection reproducible (the TLS handshake included).
 */
@FunctionalInterface
public interface RandomSource {
  /** Fills the whole array. */
  void fill(byte[] bytes);

  /** A random 64-bit number. */
  default long nextLong() {
    byte[] bytes = new byte[Long.BYTES];
    fill(bytes);
    return java.nio.ByteBuffer.wrap(bytes).getLong();
  }

  /**
   * A random number in {@code [0, bound)}; the bias of the modulo does not matter for our bounds.
   */
  default int nextInt(int bound) {
    return (int) Long.remainderUnsigned(nextLong(), bound);
  }
}
