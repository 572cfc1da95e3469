package org.veilor.seed.quic.crypto;

import java.util.Random;
import org.veilor.seed.quic.RandomSource;

/** Reproducible randomness for tests. */
public final class SeededRandom implements RandomSource {
  private final Random random;

  public SeededRandom(long seed) {
    random = new Random(seed);
  }

  @Override
  public void fill(byte[] bytes) {
    random.nextBytes(bytes);
  }
}
