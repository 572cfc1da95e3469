package org.veilor.seed.node.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.Purpose;

/** Where what was downloaded is kept: the cache. Calls may wait for the disk. */
public interface BlobKeeper {
  /**
   * Asks for room.
   *
   * @param sizeBytes proved
   */
  Opening begin(Hash hash, long sizeBytes, Purpose purpose);

  /**
   * Opens a complete blob.
   *
   * @return null if it is not here
   */
  @Nullable BlobReader complete(Hash hash) throws IOException;
}
