package org.veilor.seed.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

/**
 * Why paths are not seeded: one row each, at most {@link StoreLimits#REFUSALS}, the oldest
 * forgotten first. Rows are not synced, because a scan finds the reasons again.
 */
final class RefusalLog {
  private final MetaStore meta;
  private final Set<Path> oldestFirst = new LinkedHashSet<>();

  RefusalLog(MetaStore meta) {
    this.meta = meta;
  }

  /** Reads which refusals there are. */
  synchronized void load() throws MetaException {
    List<Refusal> all = new ArrayList<>();
    meta.scan(
        Family.REFUSAL, Keys.ALL, (key, value) -> all.add(Rows.refusal(Keys.path(key), value)));
    all.sort(Comparator.comparingLong(Refusal::atMillis));
    oldestFirst.clear();
    all.forEach(refusal -> oldestFirst.add(refusal.path()));
  }

  synchronized void record(Refusal refusal) throws MetaException {
    meta.putUnsynced(Family.REFUSAL, Keys.path(refusal.path()), Rows.encode(refusal));
    oldestFirst.remove(refusal.path());
    oldestFirst.add(refusal.path());
    if (oldestFirst.size() > StoreLimits.REFUSALS) {
      Iterator<Path> oldest = oldestFirst.iterator();
      Path forgotten = oldest.next();
      oldest.remove();
      meta.deleteUnsynced(Family.REFUSAL, Keys.path(forgotten));
    }
  }

  synchronized void forget(Path path) throws MetaException {
    if (oldestFirst.remove(path)) {
      meta.deleteUnsynced(Family.REFUSAL, Keys.path(path));
    }
  }

  @Nullable Refusal get(Path path) throws MetaException {
    byte[] value = meta.get(Family.REFUSAL, Keys.path(path));
    return value == null ? null : Rows.refusal(path, value);
  }

  synchronized int size() {
    return oldestFirst.size();
  }

  synchronized void clear() {
    oldestFirst.clear();
  }
}
