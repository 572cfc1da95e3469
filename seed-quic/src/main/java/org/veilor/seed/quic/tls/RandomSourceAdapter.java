package org.veilor.seed.quic.tls;

import java.security.SecureRandom;
import org.veilor.seed.quic.RandomSource;

/**
 * A {@link RandomSource} as the TLS engine wants it, so that a simulated handshake is reproducible.
 */
final class RandomSourceAdapter extends SecureRandom {
  private static final long serialVersionUID = 1L;

  private final transient RandomSource source;

  RandomSourceAdapter(RandomSource source) {
    super(null, null);
    this.source = source;
  }

  @Override
  public String getAlgorithm() {
    return "RandomSource";
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.fill(bytes);
  }

  @Override
  public byte[] generateSeed(int length) {
    byte[] seed = new byte[length];
    source.fill(seed);
    return seed;
  }

  /** Adds nothing: the source is complete. */
  @Override
  public void setSeed(byte[] seed) {}

  /** Adds nothing: the source is complete. */
  @Override
  public void setSeed(long seed) {}
}
