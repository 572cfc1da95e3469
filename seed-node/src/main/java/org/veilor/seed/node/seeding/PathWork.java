package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.seeding.PathTable.Entry;

/**
 * Carries out what {@link PathStates} decides: it fires timers, looks at files, hands queued ones
 * to the workers, takes their results and removes what is gone, unless the brake holds. Belongs to
 * the seeder's thread.
 */
final class PathWork {
  private static final Logger LOG = LoggerFactory.getLogger(PathWork.class);

  /** So soon a scan looks whether what vanished was only renamed. */
  private static final long SECOND_OPINION_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long BRAKE_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Removals that share a sync of the disk. */
  private static final int REMOVE_THREADS = 8;

  private final SeederContext context;
  private final SeedStore store;
  private final FileView files;
  private final ScanSchedule schedule;
  private final ExecutorService importPool;
  private final PathTable table;
  private final RefusalMemory refusals = new RefusalMemory();
  private final Importer importer;
  private final ExecutorService removePool =
      Executors.newFixedThreadPool(
          REMOVE_THREADS, Thread.ofPlatform().name("remove-", 0).daemon().factory());
  private int smallRunning;
  private int largeRunning;
  private long hashed;
  private @Nullable String lastError;

  PathWork(SeederContext context, ScanSchedule schedule, ExecutorService importPool) {
    this.context = context;
    this.store = context.store();
    this.files = context.files();
    this.schedule = schedule;
    this.importPool = importPool;
    table = new PathTable(Timing.of(context.settings()));
    importer = new Importer(store, files, refusals);
  }

  /** Imports files; any thread. */
  Importer importer() {
    return importer;
  }

  /** Which files were refused; any thread. */
  RefusalMemory refusals() {
    return refusals;
  }

  /** Removes paths; closed by whoever closes the seeder. */
  ExecutorService removePool() {
    return removePool;
  }

  /** When the next timer is due, or {@link Long#MAX_VALUE}. */
  long nextDueNanos() {
    return table.nextDueNanos();
  }

  /** Paths on their way. */
  int tracked() {
    return table.size();
  }

  /** The entry of a path, or null. */
  @Nullable Entry get(Path path) {
    return table.get(path);
  }

  /** Drops every path of a service but those that a worker reads. */
  void drop(ServiceState service) {
    table.drop(service);
  }

  // ---- entering

  /** A file that is there, with its size as of now. */
  Entry enter(ServiceState service, Path path, FileFacts facts) {
    Entry entry = table.get(path);
    if (entry == null) {
      entry = table.enter(path, service, store.path(path) != null);
    }
    entry.sizeBytes = facts.identity().sizeBytes();
    return entry;
  }

  /** A file that is stored and not there. */
  Entry enterStored(ServiceState service, Path path, long sizeBytes) {
    Entry entry = table.enter(path, service, true);
    entry.sizeBytes = sizeBytes;
    return entry;
  }

  // ---- the brake

  /** Believes in no deletion of a service any more, and forgets what was on its way. */
  void pause(ServiceState service, String why) {
    if (!why.equals(service.paused)) {
      LOG.warn("service {} is paused: {}", service.settings.name(), why);
    }
    service.paused = why;
    schedule.within(service, BRAKE_PAUSE_NANOS);
    table.drop(service);
  }

  // ---- events and actions

  /** Fires the timers that are due. */
  void fireTimers() {
    long now = context.nowNanos();
    for (Entry entry = table.pollDue(now); entry != null; entry = table.pollDue(now)) {
      apply(entry, new PathEvent.Tick());
    }
  }

  /** Applies an event to a path and does what follows from it. */
  void apply(Entry entry, PathEvent event) {
    switch (table.apply(entry, event, context.nowNanos())) {
      case NONE, HASH -> {
        // the table has queued it
      }
      case LOOK -> apply(entry, look(entry));
      case REMOVE -> remove(entry);
    }
  }

  private PathEvent look(Entry entry) {
    try {
      FileFacts facts = files.facts(entry.path);
      entry.sizeBytes = facts.identity().sizeBytes();
      boolean regular = facts.kind() == FileFacts.Kind.REGULAR;
      if (!regular || !(entry.state instanceof PathState.Missing)) {
        return new PathEvent.Looked(regular ? facts.identity() : null);
      }
      return new PathEvent.Looked(facts.identity());
    } catch (IOException e) {
      return Reasons.isAbsence(e)
          ? brakedLook(entry)
          : new PathEvent.LookFailed("it cannot be looked at: " + Reasons.of(e));
    }
  }

  /** The second look confirms a deletion; before it is believed, the brake is asked. */
  private PathEvent brakedLook(Entry entry) {
    ServiceState service = entry.service;
    if (entry.state instanceof PathState.Missing
        && entry.stored
        && service.brakeTrips(context.nowNanos())) {
      pause(
          service,
          service.losses()
              + "; nothing is dropped until they are back or 'veilor-seed resume "
              + service.settings.name()
              + "' says that this is meant");
      // A renamed folder's files may vanish faster than they are hashed under their new names: the
      // scan knows them again.
      schedule.within(service, SECOND_OPINION_NANOS);
      return new PathEvent.Tick();
    }
    return new PathEvent.Looked(null);
  }

  private void remove(Entry entry) {
    refusals.forget(entry.path);
    context.services().unfollow(entry.path);
    if (!entry.stored && store.path(entry.path) == null) {
      return;
    }
    entry.service.removed(context.nowNanos());
    if (entry.service.brakeOff && entry.service.missing == 0) {
      entry.service.brakeOn();
    }
    String name = entry.service.settings.name();
    LOG.debug("{} is gone from {}", entry.path, name);
    removePool.execute(() -> {
      try {
        store.removePath(name, entry.path, "the file was deleted");
      } catch (SeedStore.SeedStoreException e) {
        context
            .mailbox()
            .post(() -> failed(entry.path + " cannot be forgotten: " + e.getMessage()));
      }
    });
  }

  /** Hands queued files to workers that are free. */
  void dispatch() {
    while (smallRunning < SeedingLimits.SMALL_IMPORTS) {
      Entry entry = table.pollQueued(false);
      if (entry == null) {
        break;
      }
      smallRunning++;
      work(entry, false);
    }
    while (largeRunning < context.settings().hashThreads()) {
      Entry entry = table.pollQueued(true);
      if (entry == null) {
        break;
      }
      largeRunning++;
      work(entry, true);
    }
  }

  private void work(Entry entry, boolean large) {
    apply(entry, new PathEvent.Started());
    ServiceSettings service = entry.service.settings;
    importPool.execute(() -> {
      var _ =
          importSafely(service, entry.path)
              .thenAccept(result -> context.mailbox().post(() -> finished(entry, large, result)));
    });
  }

  private CompletableFuture<Importer.Result> importSafely(ServiceSettings service, Path path) {
    try {
      return importer.importWatched(service, path).exceptionally(e -> bug(path, e));
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(bug(path, e));
    }
  }

  private static Importer.Result bug(Path path, Throwable e) {
    LOG.error("a bug in importing {}", path, e);
    return new Importer.Result(new PathEvent.Failed("internal error: " + e), null);
  }

  private void finished(Entry entry, boolean large, Importer.Result result) {
    if (large) {
      largeRunning--;
    } else {
      smallRunning--;
    }
    switch (result.event()) {
      case PathEvent.Stored _ -> {
        hashed += result.read() ? 1 : 0;
        if (!entry.stored) {
          entry.service.storedNew(context.nowNanos());
        }
        LOG.debug("{} is seeded", entry.path);
      }
      case PathEvent.Failed(String why) -> failed(entry.path + ": " + why);
      case PathEvent.Rejected(String why) -> {
        LOG.debug("{} is refused: {}", entry.path, why);
        if (entry.stored) {
          entry.service.removed(context.nowNanos());
        }
      }
      default -> LOG.debug("{} changed while it was read", entry.path);
    }
    apply(entry, result.event());
  }

  /** Remembers what failed for the status. */
  void failed(String what) {
    if (!what.equals(lastError)) {
      LOG.warn("{}", what);
    }
    lastError = what;
  }

  // ---- the status

  /** Paths in each state, of one service or of all. */
  Map<String, Integer> counts(@Nullable ServiceState service) {
    return table.counts(service);
  }

  /** Files being hashed now. */
  int running() {
    return smallRunning + largeRunning;
  }

  /** Files hashed since the start. */
  long hashed() {
    return hashed;
  }

  /** The last thing that failed, or null. */
  @Nullable String lastError() {
    return lastError;
  }
}
