package org.veilor.seed.store.cache;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.veilor.seed.core.hash.Hash;

/** Blobs that were asked for and not kept: the second request within a day admits them. */
final class GhostList {
  private final int limit;
  private final long withinMillis;
  private final Map<Hash, Long> firstSeen = new LinkedHashMap<>();

  GhostList(int limit, long withinMillis) {
    this.limit = limit;
    this.withinMillis = withinMillis;
  }

  /** Notes a request; whether there was another one not too long ago. */
  boolean isSecond(Hash hash, long nowMillis) {
    Long before = firstSeen.remove(hash);
    firstSeen.put(hash, nowMillis);
    if (firstSeen.size() > limit) {
      Iterator<Hash> oldest = firstSeen.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return before != null && nowMillis - before <= withinMillis;
  }

  /** The blob is kept now. */
  void forget(Hash hash) {
    firstSeen.remove(hash);
  }

  int size() {
    return firstSeen.size();
  }
}
