package org.veilor.seed.store;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.RowSource;

/**
 * Bytes that are kept in the database, while they are being served: the least recently used go when
 * {@link StoreLimits#INLINE_CACHE_BYTES} are exceeded, and come back from the database.
 */
final class InlineCache {
  private record Key(byte kind, Hash hash) {}

  private final RowSource rows;
  private final Map<Key, byte[]> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long heldBytes;

  InlineCache(RowSource rows) {
    this.rows = rows;
  }

  /** The bytes, not a copy; null if the database has none. */
  byte @Nullable [] get(byte kind, Hash hash) throws MetaException {
    Key key = new Key(kind, hash);
    synchronized (this) {
      byte[] held = entries.get(key);
      if (held != null) {
        return held;
      }
    }
    byte[] loaded = rows.get(Family.INLINE, Keys.inline(kind, hash));
    if (loaded != null) {
      keep(key, loaded);
    }
    return loaded;
  }

  private synchronized void keep(Key key, byte[] bytes) {
    byte[] before = entries.put(key, bytes);
    heldBytes += bytes.length - (before == null ? 0 : before.length);
    Iterator<byte[]> oldest = entries.values().iterator();
    while (heldBytes > StoreLimits.INLINE_CACHE_BYTES && oldest.hasNext()) {
      heldBytes -= oldest.next().length;
      oldest.remove();
    }
  }

  synchronized void forget(Hash hash) {
    for (byte kind : new byte[] {Keys.INLINE_DATA, Keys.INLINE_OUTBOARD}) {
      byte[] held = entries.remove(new Key(kind, hash));
      heldBytes -= held == null ? 0 : held.length;
    }
  }

  synchronized void clear() {
    entries.clear();
    heldBytes = 0;
  }
}
