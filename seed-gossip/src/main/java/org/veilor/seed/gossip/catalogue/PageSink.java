package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;

/** Takes the blobs of a catalogue that is built. */
@FunctionalInterface
public interface PageSink {
  /**
   * Keeps a blob.
   *
   * @param bytes now the sink's
   * @throws java.io.UncheckedIOException if it cannot; the builder then stays as it was
   */
  void write(Hash hash, byte[] bytes);
}
