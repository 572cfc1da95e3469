package org.veilor.seed.store.cache;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** Blobs that were asked for and not kept: the second request within a day admits them. */
final class GhostList {
  private static final int ROW_BYTES = Hash.LENGTH + Long.BYTES;

  /** What {@link #takeChanged} gives at most. */
  static final int MAX_BYTES = CacheLimits.GHOSTS * ROW_BYTES;

  private final int limit;
  private final long withinMillis;
  private final Map<Hash, Long> firstSeen = new LinkedHashMap<>();
  private boolean isChanged;

  GhostList(int limit, long withinMillis) {
    this.limit = limit;
    this.withinMillis = withinMillis;
  }

  /** Notes a request; whether there was another one not too long ago. */
  boolean isSecond(Hash hash, long nowMillis) {
    Long before = firstSeen.remove(hash);
    firstSeen.put(hash, nowMillis);
    isChanged = true;
    if (firstSeen.size() > limit) {
      Iterator<Hash> oldest = firstSeen.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return before != null && nowMillis - before <= withinMillis;
  }

  /** The blob is kept now. */
  void forget(Hash hash) {
    isChanged |= firstSeen.remove(hash) != null;
  }

  /** All requests, the oldest first; null if there is nothing new since the last call. */
  byte @Nullable [] takeChanged() {
    if (!isChanged) {
      return null;
    }
    isChanged = false;
    ByteBuffer rows = ByteBuffer.allocate(firstSeen.size() * ROW_BYTES);
    firstSeen.forEach((hash, millis) -> rows.put(hash.toBytes()).putLong(millis));
    return rows.array();
  }

  /** Takes over what another list had; a row that was cut off is left out. */
  void load(byte[] encoded) {
    ByteBuffer rows = ByteBuffer.wrap(encoded);
    while (rows.remaining() >= ROW_BYTES) {
      byte[] hash = new byte[Hash.LENGTH];
      rows.get(hash);
      isSecond(Hash.of(hash), rows.getLong());
    }
    isChanged = false;
  }

  int size() {
    return firstSeen.size();
  }
}
