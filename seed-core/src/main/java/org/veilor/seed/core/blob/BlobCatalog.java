package org.veilor.seed.core.blob;

import java.io.IOException;
import org.veilor.seed.core.hash.Hash;

/** The blobs that one peer may be given. */
@FunctionalInterface
public interface BlobCatalog {
  /**
   * Opens a blob. The answer for {@link Hash#EMPTY_BLOB} is never used: every provider has it.
   *
   * @throws IOException if the store cannot say
   */
  BlobLookup open(Hash hash) throws IOException;
}
