package org.veilor.seed.gossip.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A set from which a uniformly random element is picked in O(1): a list, and where each stands. */
final class RandomSet<E> {
  /** Tries before the allowed elements are listed. */
  private static final int TRIES = 4;

  private final List<E> items = new ArrayList<>();
  private final Map<E, Integer> positions = new HashMap<>();

  boolean add(E item) {
    if (positions.putIfAbsent(item, items.size()) != null) {
      return false;
    }
    items.add(item);
    return true;
  }

  boolean remove(E item) {
    Integer position = positions.remove(item);
    if (position == null) {
      return false;
    }
    E last = items.removeLast();
    if (position < items.size()) {
      items.set(position, last);
      positions.put(last, position);
    }
    return true;
  }

  boolean contains(E item) {
    return positions.containsKey(item);
  }

  int size() {
    return items.size();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  List<E> toList() {
    return List.copyOf(items);
  }

  @Nullable E pick(RandomGenerator random) {
    return items.isEmpty() ? null : items.get(random.nextInt(items.size()));
  }

  /** Uniform among the allowed: rejected picks do not favour any of them. */
  @Nullable E pick(RandomGenerator random, Predicate<E> allowed) {
    for (int i = 0; i < TRIES && !items.isEmpty(); i++) {
      E item = items.get(random.nextInt(items.size()));
      if (allowed.test(item)) {
        return item;
      }
    }
    List<E> candidates = items.stream().filter(allowed).toList();
    return candidates.isEmpty() ? null : candidates.get(random.nextInt(candidates.size()));
  }

  /** At most {@code count} different ones of the allowed, in random order. */
  List<E> sample(int count, RandomGenerator random, Predicate<E> allowed) {
    List<E> pool = new ArrayList<>(items.size());
    for (E item : items) {
      if (allowed.test(item)) {
        pool.add(item);
      }
    }
    int taken = Math.min(count, pool.size());
    for (int i = 0; i < taken; i++) {
      int other = random.nextInt(i, pool.size());
      E swapped = pool.get(i);
      pool.set(i, pool.get(other));
      pool.set(other, swapped);
    }
    return pool.subList(0, taken);
  }
}
