package org.veilor.seed.core.hash;

import java.util.Objects;
import org.bouncycastle.crypto.digests.Blake3Digest;

/**
 * The independent BLAKE3 of BouncyCastle: an oracle for tests and a baseline for benchmarks. It
 * exposes root hashes only.
 */
public final class ReferenceEngine implements Blake3Engine {
  /** The only instance. */
  public static final ReferenceEngine INSTANCE = new ReferenceEngine();

  private ReferenceEngine() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Hash hash(byte[] data, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, data.length);
    Blake3Digest digest = new Blake3Digest(Hash.LENGTH * Byte.SIZE);
    digest.update(data, offset, length);
    byte[] out = new byte[Hash.LENGTH];
    digest.doFinal(out, 0);
    return Hash.of(out);
  }
}
