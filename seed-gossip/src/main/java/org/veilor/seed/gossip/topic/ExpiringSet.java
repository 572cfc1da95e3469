package org.veilor.seed.gossip.topic;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A set whose elements all live equally long since they were last added, and whose oldest give way
 * to new ones. Insertion order is the order of expiry, so expiring costs what it removes.
 */
final class ExpiringSet<E> {
  private final long lifetimeNanos;
  private final int capacity;
  private final LinkedHashMap<E, Long> since = new LinkedHashMap<>();

  ExpiringSet(long lifetimeNanos, int capacity) {
    this.lifetimeNanos = lifetimeNanos;
    this.capacity = capacity;
  }

  /** One that forgets nothing. */
  static <E> ExpiringSet<E> endless() {
    return new ExpiringSet<>(Long.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** Adds it; says whether it was absent. */
  boolean add(E item, long nowNanos) {
    boolean absent = !contains(item, nowNanos);
    since.putLast(item, nowNanos);
    if (since.size() > capacity) {
      since.pollFirstEntry();
    }
    return absent;
  }

  /** Removes it; says whether it was there. */
  boolean remove(E item, long nowNanos) {
    boolean present = contains(item, nowNanos);
    since.remove(item);
    return present;
  }

  boolean contains(E item, long nowNanos) {
    expire(nowNanos);
    return since.containsKey(item);
  }

  int size(long nowNanos) {
    expire(nowNanos);
    return since.size();
  }

  Set<E> toSet(long nowNanos) {
    expire(nowNanos);
    return Set.copyOf(since.keySet());
  }

  private void expire(long nowNanos) {
    Map.Entry<E, Long> first = since.firstEntry();
    while (first != null && nowNanos - first.getValue() >= lifetimeNanos) {
      since.pollFirstEntry();
      first = since.firstEntry();
    }
  }
}
