package org.veilor.seed.core.hash;

/**
 * A way to compute BLAKE3. All engines agree on every bit; they differ in speed and in what they
 * expose.
 *
 * <p>Every engine yields root hashes. Verified streaming needs the inner nodes too: those engines
 * are {@link SubtreeEngine}s.
 */
public sealed interface Blake3Engine permits SubtreeEngine, ReferenceEngine {
  /** A short name for logs and benchmarks. */
  String name();

  /** The BLAKE3 hash of {@code length} bytes from {@code offset}. */
  Hash hash(byte[] data, int offset, int length);
}
