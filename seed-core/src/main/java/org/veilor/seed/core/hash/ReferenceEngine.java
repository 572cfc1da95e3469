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
    Incremental bytes = new Incremental();
    bytes.update(data, offset, length);
    return bytes.finish();
  }

  /** The same for bytes that arrive piece by piece; for one thread. */
  public static final class Incremental {
    private final Blake3Digest digest = new Blake3Digest(Hash.LENGTH * Byte.SIZE);

    /** Begins with no byte. */
    public Incremental() {}

    /** Adds {@code length} bytes from {@code offset}. */
    public void update(byte[] data, int offset, int length) {
      digest.update(data, offset, length);
    }

    /** The hash of all of them; the next byte begins a new input. */
    public Hash finish() {
      byte[] out = new byte[Hash.LENGTH];
      digest.doFinal(out, 0);
      return Hash.of(out);
    }
  }
}
