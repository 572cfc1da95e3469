package org.veilor.seed.node.fetch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.BlobKeeper;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.Purpose;

/** Keeps what was downloaded in the cache. */
public record CacheKeeper(BlobCache cache) implements BlobKeeper {
  @Override
  public Opening begin(Hash hash, long sizeBytes, Purpose purpose) {
    return cache.begin(hash, sizeBytes, purpose);
  }

  @Override
  public @Nullable BlobReader complete(Hash hash) throws IOException {
    if (!(cache.open(hash) instanceof BlobLookup.Found found)) {
      return null;
    }
    BlobReader reader = found.reader();
    if (reader.presentChunks().isAll()) {
      return reader;
    }
    reader.close();
    return null;
  }
}
