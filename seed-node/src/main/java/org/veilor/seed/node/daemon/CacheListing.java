package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.store.cache.BlobCache;
import org.veilor.seed.store.cache.CachedBlob;

/** Lists what is in the cache, and what is pinned and not here. */
final class CacheListing {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlobCache cache;

  CacheListing(BlobCache cache) {
    this.cache = cache;
  }

  void list(ControlAnswer answer) throws IOException {
    List<CachedBlob> here = new ArrayList<>();
    cache.forEach(here::add);
    here.sort(Comparator.comparing(blob -> blob.hash().toString()));
    Set<Hash> missing = new LinkedHashSet<>(cache.pins());
    for (CachedBlob blob : here) {
      missing.remove(blob.hash());
      answer.line(
          line(blob.hash(), blob.isComplete() ? "complete" : "partial", blob.isPinned())
              .put("size_bytes", blob.sizeBytes())
              .put("present_bytes", blob.presentBytes())
              .put("accesses", blob.accesses())
              .put("last_access_at", blob.lastAccessMillis()));
    }
    for (Hash hash : missing) {
      answer.line(line(hash, "missing", true).put("size_bytes", 0).put("present_bytes", 0));
    }
  }

  private static ObjectNode line(Hash hash, String state, boolean isPinned) {
    return JSON.createObjectNode()
        .put("hash", hash.toString())
        .put("state", state)
        .put("pinned", isPinned);
  }
}
