package org.veilor.seed.gossip.catalogue;

import java.util.Optional;
import org.veilor.seed.core.hash.Hash;

/** Where the blobs of a catalogue lie. */
@FunctionalInterface
public interface PageSource {
  /**
   * The bytes of a blob, empty if it is not here.
   *
   * @param maxBytes of a longer blob {@code maxBytes + 1} bytes are enough: it is refused for its
   *     length
   * @throws java.io.UncheckedIOException if nobody can say
   */
  Optional<byte[]> read(Hash hash, int maxBytes);
}
