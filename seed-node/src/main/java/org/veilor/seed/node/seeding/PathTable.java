package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.seeding.PathState.Hashing;
import org.veilor.seed.node.seeding.PathState.Missing;
import org.veilor.seed.node.seeding.PathState.Queued;
import org.veilor.seed.node.seeding.PathState.Seen;
import org.veilor.seed.node.seeding.PathStates.Action;
import org.veilor.seed.node.seeding.PathStates.Step;

/**
 * The paths that are on their way, with their timers and the queue of those that may be hashed, the
 * newest first. Paths in a final state are not kept. One thread; time is a parameter.
 */
final class PathTable {
  /** One path. */
  static final class Entry {
    final Path path;
    final ServiceState service;
    PathState state = new Seen();

    /** Whether the store had the path when it came in here. */
    final boolean stored;

    /** Its size when it came in or was last looked at. */
    long sizeBytes;

    private Entry(Path path, ServiceState service, boolean stored) {
      this.path = path;
      this.service = service;
      this.stored = stored;
    }
  }

  private record Timer(long dueNanos, Path path) {}

  private final Timing timing;
  private final Map<Path, Entry> entries = new HashMap<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>((a, b) -> Long.compare(a.dueNanos(), b.dueNanos()));

  /** Paths in each state; with so many of them nobody should have to count. */
  private final Map<Class<?>, int[]> all = new HashMap<>();

  private final Deque<Entry> smallQueue = new ArrayDeque<>();
  private final Deque<Entry> largeQueue = new ArrayDeque<>();

  PathTable(Timing timing) {
    this.timing = timing;
  }

  /** The entry of a path, or null. */
  @Nullable Entry get(Path path) {
    return entries.get(path);
  }

  /** Paths on their way. */
  int size() {
    return entries.size();
  }

  /** The entry of a path, made where there is none; {@code stored} counts only then. */
  Entry enter(Path path, ServiceState service, boolean stored) {
    return entries.computeIfAbsent(path, p -> new Entry(p, service, stored));
  }

  /** Applies an event and returns what is to be done. */
  Action apply(Entry entry, PathEvent event, long nowNanos) {
    count(entry, -1);
    Step step = PathStates.next(entry.state, event, timing, nowNanos);
    boolean moved = !step.state().equals(entry.state);
    entry.state = step.state();
    count(entry, 1);
    if (entry.state.isFinal()) {
      count(entry, -1);
      entries.remove(entry.path, entry);
    } else if (moved && entry.state.dueNanos() != Long.MAX_VALUE) {
      timers.add(new Timer(entry.state.dueNanos(), entry.path));
    }
    if (step.action() == Action.HASH) {
      queue(entry).addFirst(entry);
      return Action.NONE;
    }
    return step.action();
  }

  /** Drops every path of a service but those that a worker reads. */
  void drop(ServiceState service) {
    List<Entry> dropped = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.service == service && !(entry.state instanceof Hashing)) {
        dropped.add(entry);
      }
    }
    for (Entry entry : dropped) {
      count(entry, -1);
      entry.state = new Seen();
      entries.remove(entry.path);
    }
  }

  /** The next path whose time has come, or null. */
  @Nullable Entry pollDue(long nowNanos) {
    while (!timers.isEmpty() && timers.peek().dueNanos() <= nowNanos) {
      Timer timer = timers.remove();
      Entry entry = entries.get(timer.path());
      if (entry != null && entry.state.dueNanos() == timer.dueNanos()) {
        return entry;
      }
    }
    return null;
  }

  /** When the next timer is due, or {@link Long#MAX_VALUE}. */
  long nextDueNanos() {
    return timers.isEmpty() ? Long.MAX_VALUE : timers.peek().dueNanos();
  }

  /** The newest queued path, small or large, or null. */
  @Nullable Entry pollQueued(boolean large) {
    Deque<Entry> queue = large ? largeQueue : smallQueue;
    while (!queue.isEmpty()) {
      Entry entry = queue.removeFirst();
      if (entry.state instanceof Queued && entries.get(entry.path) == entry) {
        return entry;
      }
    }
    return null;
  }

  /** Paths in each state, by the state's name. */
  Map<String, Integer> counts(@Nullable ServiceState service) {
    Map<String, Integer> counts = new HashMap<>();
    (service == null ? all : service.byState)
        .forEach((state, count) -> {
          if (count[0] > 0) {
            counts.put(state.getSimpleName().toLowerCase(java.util.Locale.ROOT), count[0]);
          }
        });
    return counts;
  }

  private Deque<Entry> queue(Entry entry) {
    return entry.sizeBytes >= SeedingLimits.LARGE_BYTES ? largeQueue : smallQueue;
  }

  private void count(Entry entry, int sign) {
    Class<?> kind = entry.state.getClass();
    if (kind != Seen.class) {
      all.computeIfAbsent(kind, _ -> new int[1])[0] += sign;
      entry.service.byState.computeIfAbsent(kind, _ -> new int[1])[0] += sign;
    }
    if (entry.state instanceof Missing) {
      entry.service.missing += entry.stored ? sign : 0;
    } else if (!(entry.state instanceof Seen) && !entry.stored) {
      entry.service.fresh += sign;
    }
  }
}
