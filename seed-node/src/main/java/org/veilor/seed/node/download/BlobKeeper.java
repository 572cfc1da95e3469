package org.veilor.seed.node.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.BlobCache;
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

  /** The cache as a keeper. */
  static BlobKeeper of(BlobCache cache) {
    return new BlobKeeper() {
      @Override
      public Opening begin(Hash hash, long sizeBytes, Purpose purpose) {
        return cache.begin(hash, sizeBytes, purpose);
      }

      @Override
      public @Nullable BlobReader complete(Hash hash) throws IOException {
        if (!(cache.open(hash) instanceof BlobLookup.Found found)) {
          return null;
        }
        if (found.reader().presentChunks().isAll()) {
          return found.reader();
        }
        found.reader().close();
        return null;
      }
    };
  }
}
