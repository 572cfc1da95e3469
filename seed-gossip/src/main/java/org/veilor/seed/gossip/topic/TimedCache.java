package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/**
 * Values that are kept for a fixed time since they were last put ({@code util.rs:317}). Lookups do
 * not look at the time: only {@link #expire} removes. Insertion order is the order of expiry.
 */
final class TimedCache<V> {
  private record Entry<V>(V value, long atNanos) {}

  private final long retentionNanos;
  private final LinkedHashMap<Hash, Entry<V>> entries = new LinkedHashMap<>();

  TimedCache(long retentionNanos) {
    this.retentionNanos = retentionNanos;
  }

  /** What was there before, if anything. */
  @Nullable V put(Hash id, V value, long nowNanos) {
    Entry<V> old = entries.putLast(id, new Entry<>(value, nowNanos));
    return old == null ? null : old.value;
  }

  boolean contains(Hash id) {
    return entries.containsKey(id);
  }

  @Nullable V get(Hash id) {
    Entry<V> entry = entries.get(id);
    return entry == null ? null : entry.value;
  }

  /** What was put at a time or since, latest first, up to a number. */
  List<V> newest(int most, long sinceNanos) {
    List<V> newest = new ArrayList<>();
    for (Entry<V> entry : entries.sequencedValues().reversed()) {
      if (newest.size() == most || entry.atNanos - sinceNanos < 0) {
        return newest;
      }
      newest.add(entry.value);
    }
    return newest;
  }

  int size() {
    return entries.size();
  }

  /** Removes the eldest if its time is up; null if there is none such. */
  @Nullable V expire(long nowNanos) {
    Map.Entry<Hash, Entry<V>> first = entries.firstEntry();
    return first != null && nowNanos - first.getValue().atNanos >= retentionNanos
        ? pollEldest()
        : null;
  }

  @Nullable V pollEldest() {
    Map.Entry<Hash, Entry<V>> first = entries.pollFirstEntry();
    return first == null ? null : first.getValue().value;
  }
}
