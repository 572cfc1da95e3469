package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.admission.Admission;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.config.SeedingSettings;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.seeding.PathEvent.How;
import org.veilor.seed.node.seeding.PathTable.Entry;
import org.veilor.seed.store.PathRecord;

/**
 * The thread that owns the path table: it takes hints, scan findings and results in the order in
 * which they come, fires timers, and hands queued files to the workers. It looks at files ({@code
 * lstat}) but never reads one.
 */
final class SeederLoop {
  private static final Logger LOG = LoggerFactory.getLogger(SeederLoop.class);

  /** While the folder itself is the problem, looking at it costs nothing. */
  private static final long FOLDER_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long BRAKE_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Removals that share a sync of the disk. */
  private static final int REMOVE_THREADS = 8;

  private final SeedStore store;
  private final SeedingSettings settings;
  private final FileView files;
  private final LongSupplier nanoClock;
  private final ExecutorService importPool;
  private final PathTable table;
  private final RefusalMemory refusals = new RefusalMemory();
  private final Importer importer;
  private final FolderWatcher watcher;
  private final FolderScanner scanner;
  private final ExecutorService scanPool = pool("scan");
  private final ExecutorService folderPool = pool("folders");
  private final ExecutorService removePool =
      Executors.newFixedThreadPool(
          REMOVE_THREADS, Thread.ofPlatform().name("remove-", 0).daemon().factory());
  private final Mailbox mailbox = new Mailbox();
  private final AtomicBoolean hintsLost = new AtomicBoolean();
  private final AtomicInteger tracked = new AtomicInteger();
  private final ServiceTable services = new ServiceTable();
  private final ScanSchedule schedule;
  private final Thread thread;
  private int smallRunning;
  private int largeRunning;
  private long hashed;
  private @Nullable String lastError;

  SeederLoop(
      SeedStore store,
      SeedingSettings settings,
      FileView files,
      LongSupplier nanoClock,
      ExecutorService importPool) {
    this.store = store;
    this.settings = settings;
    this.files = files;
    this.nanoClock = nanoClock;
    this.importPool = importPool;
    table = new PathTable(Timing.of(settings));
    importer = new Importer(store, files, refusals);
    watcher = openWatcher(settings.watch());
    scanner = new FolderScanner(store, files, watcher, refusals, mailbox::isClosed);
    schedule =
        new ScanSchedule(
            services,
            files,
            nanoClock,
            settings.scanInterval(),
            service -> scanPool.execute(() -> scan(service)));
    thread = Thread.ofPlatform().name("seeder").daemon().unstarted(this::run);
  }

  private static ExecutorService pool(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).daemon().factory());
  }

  private FolderWatcher openWatcher(SeedingSettings.Watch watch) {
    int budget = InotifyWatcher.fairBudget();
    if (watch == SeedingSettings.Watch.AUTO) {
      try {
        return InotifyWatcher.open(budget, this::heard);
      } catch (IOException e) {
        LOG.warn("{}; using the JDK's watch service, which is slower", e.getMessage());
      }
    }
    if (watch != SeedingSettings.Watch.OFF) {
      try {
        return PortableWatcher.open(budget, this::heard);
      } catch (IOException e) {
        LOG.warn("folders cannot be watched ({}); changes are seen by scans only", Reasons.of(e));
      }
    }
    return FolderWatcher.NONE;
  }

  Importer importer() {
    return importer;
  }

  void start(List<ServiceSettings> initial) {
    services(initial);
    store.onContentChanged(path -> post(() -> contentChanged(path)));
    mailbox.post(() -> LOG.debug("the seeder starts"));
    thread.start();
  }

  // ---- the proxy's side: any thread

  /** Puts a question and waits for the answer. */
  <T> T ask(Function<SeederLoop, T> question) {
    return mailbox.ask(() -> question.apply(this));
  }

  private void post(Runnable message) {
    mailbox.post(message);
  }

  /** A hint, on the watcher's thread; it must not wait, or the kernel's queue overflows. */
  private void heard(Hint hint) {
    if (!mailbox.offer(() -> hint(hint))) {
      hintsLost.set(true);
    }
  }

  void close() {
    mailbox.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watcher.close();
    for (ExecutorService pool : List.of(scanPool, folderPool, removePool)) {
      pool.shutdown();
      try {
        if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
          pool.shutdownNow();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- the loop's side: the seeder's thread only

  private void run() {
    while (!mailbox.isClosed()) {
      try {
        long now = nanoClock.getAsLong();
        long next = Math.min(table.nextDueNanos(), schedule.nextNanos());
        long wait = Math.clamp(next - now, 0, MAX_WAIT_NANOS);
        Runnable message = mailbox.poll(wait);
        for (int i = 0; message != null && i < 4096; i++) {
          message.run();
          message = mailbox.poll(0);
        }
        if (message != null) {
          message.run();
        }
        if (hintsLost.getAndSet(false)) {
          LOG.info("changes may have been missed; scanning everything");
          schedule.allSoon();
        }
        fireTimers();
        schedule.run();
        dispatch();
        tracked.set(table.size());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (SeedStore.SeedStoreException e) {
        failed("the store failed: " + e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("a bug in the seeder; it goes on", e);
        failed("internal error: " + e);
      }
    }
  }

  /** Takes over the services. */
  void services(List<ServiceSettings> wanted) {
    services.replace(
        wanted,
        nanoClock.getAsLong(),
        left -> {
          table.drop(left);
          watcher.unwatchBelow(left.settings.directory());
        });
  }

  @Nullable ServiceSettings serviceOf(Path path) {
    ServiceState state = services.ownerOf(path);
    return state == null || state == services.added() ? null : state.settings;
  }

  @Nullable PathState state(Path path) {
    Entry entry = table.get(path);
    return entry == null ? null : entry.state;
  }

  @Nullable String resume(String name) {
    ServiceState state = services.get(name);
    if (state == null) {
      return null;
    }
    state.brakeOff = true;
    schedule.within(state, 0);
    return state.paused == null
        ? "service " + name + " was not paused; it is scanned now"
        : "service " + name + " is scanned now; what vanished from it is forgotten";
  }

  // ---- hints

  private void hint(Hint hint) {
    if (hint.kind() == Hint.Kind.OVERFLOW && hint.path().getNameCount() == 0) {
      LOG.warn("the kernel's queue of file events overflowed; scanning instead");
      schedule.allSoon();
      return;
    }
    ServiceState service = services.ownerOf(hint.path());
    if (service == null) {
      return;
    }
    if (service.paused != null) {
      if (hint.path().equals(service.settings.directory())) {
        schedule.soon(service);
      }
      return;
    }
    switch (hint.kind()) {
      case FILE_CHANGED -> changed(service, hint.path(), How.OPEN);
      case FILE_CLOSED, FILE_MOVED_IN -> changed(service, hint.path(), How.CLOSED);
      case FILE_ATTRIBUTES -> changed(service, hint.path(), How.ATTRIBUTES);
      case FILE_GONE -> gone(service, hint.path());
      case FOLDER_CREATED -> subtree(service, hint.path(), How.OPEN);
      case FOLDER_MOVED_IN -> subtree(service, hint.path(), How.CLOSED);
      case FOLDER_MOVED_OUT -> movedOut(service, hint.path());
      case FOLDER_GONE -> {
        watcher.unwatchBelow(hint.path());
        schedule.soon(service);
      }
      case WATCHED_FOLDER_GONE -> {
        // of any other folder, the one above it tells more
        if (hint.path().equals(service.settings.directory())) {
          schedule.soon(service);
        }
      }
      case FOLDER_ATTRIBUTES, OVERFLOW -> schedule.soon(service);
    }
  }

  private void changed(ServiceState service, Path path, How how) {
    if (service != services.added()
        && Admission.byName(
                service.settings.preset(), service.settings.directory().relativize(path))
            != null) {
      return;
    }
    FileFacts facts;
    try {
      facts = files.facts(path);
    } catch (IOException e) {
      if (!Reasons.isAbsence(e)) {
        schedule.soon(service);
      }
      return;
    }
    if (facts.kind() != FileFacts.Kind.REGULAR) {
      return;
    }
    // a hard link that publishes a complete file gives IN_CREATE and no IN_CLOSE_WRITE
    boolean linked = how == How.OPEN && facts.links() > 1;
    changed(service, path, linked ? How.CLOSED : how, facts);
  }

  private void changed(ServiceState service, Path path, How how, FileFacts facts) {
    if (service.paused != null) {
      return;
    }
    if (table.size() >= SeedingLimits.MAX_TRACKED && table.get(path) == null) {
      schedule.soon(service);
      return;
    }
    apply(enter(service, path, facts), new PathEvent.Changed(how, facts.identity()));
  }

  private Entry enter(ServiceState service, Path path, FileFacts facts) {
    Entry entry = table.get(path);
    if (entry == null) {
      entry = table.enter(path, service, store.path(path) != null);
    }
    entry.sizeBytes = facts.identity().sizeBytes();
    return entry;
  }

  private void gone(ServiceState service, Path path) {
    refusals.forget(path);
    Entry entry = table.get(path);
    if (entry == null) {
      PathRecord row = store.path(path);
      if (row == null) {
        return;
      }
      entry = table.enter(path, service, true);
      entry.sizeBytes = row.identity().sizeBytes();
    }
    apply(entry, new PathEvent.Vanished(true));
  }

  private void subtree(ServiceState service, Path folder, How how) {
    if (String.valueOf(folder.getFileName()).startsWith(".")) {
      return;
    }
    folderPool.execute(() ->
        scanner.subtree(
            service.settings,
            folder,
            (path, facts) -> post(() -> changed(service, path, how, facts))));
  }

  private void movedOut(ServiceState service, Path folder) {
    watcher.unwatchBelow(folder);
    folderPool.execute(() -> {
      for (Path path : scanner.rowsBelow(service.settings.name(), folder)) {
        post(() -> gone(service, path));
      }
    });
  }

  private void contentChanged(Path path) {
    ServiceState service = services.ownerOf(path);
    if (service != null) {
      changed(service, path, How.CLOSED);
    }
  }

  // ---- scans

  /** Asks for a scan of everything; any thread, never waits. */
  void requestScan() {
    hintsLost.set(true);
  }

  void scanAllNow() {
    schedule.allNow();
  }

  /** On the scanner's thread. */
  private void scan(ServiceState service) {
    try {
      ScanReport report =
          service == services.added()
              ? scanner.check(
                  ConfigReader.ADDED,
                  (path, facts) -> found(service, path, facts),
                  (path, size) -> post(() -> services.follow(path)))
              : scanner.scan(service.settings, (path, facts) -> found(service, path, facts));
      post(() -> scanned(service, report));
    } catch (RuntimeException e) {
      LOG.error("the scan of {} ended early", service.settings.name(), e);
      post(() -> {
        service.scanning = false;
        service.alert = "the last scan ended: " + e.getMessage();
      });
    }
  }

  /** On the scanner's thread: waits while there is too much on its way. */
  private void found(ServiceState service, Path path, FileFacts facts) {
    while (tracked.get() > SeedingLimits.MAX_TRACKED / 2 && !mailbox.isClosed()) {
      java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    post(() -> {
      if (service.paused == null) {
        long age = System.currentTimeMillis() * 1_000_000L - facts.identity().changedNanos();
        apply(enter(service, path, facts), new PathEvent.Found(facts.identity(), Math.max(0, age)));
      }
    });
  }

  private void scanned(ServiceState service, ScanReport report) {
    service.scanning = false;
    service.lastScanMillis = System.currentTimeMillis();
    service.counted(report.rows(), report.rowBytes());
    service.unwatchedFolders = report.unwatchedFolders();
    service.alert = report.notes().isEmpty() ? null : String.join("; ", report.notes());
    if (report.unwatchedFolders() > 0) {
      service.alert =
          report.unwatchedFolders()
              + " folders are not watched, only scanned every "
              + settings.scanInterval().toMinutes()
              + " min; raise fs.inotify.max_user_watches (sysctl)";
    }
    if (service != services.added()) {
      LOG.info(
          "service {} is scanned: {} files in {}, {} of them new, {} missing",
          service.settings.name(),
          report.files(),
          service.settings.directory(),
          report.fresh(),
          report.missing().size());
    }
    boolean emptied =
        report.rows() > 0
            && report.missing().size() == report.rows()
            && report.files() == 0
            && service != services.added();
    String name = service.settings.name();
    if (report.problem() != null) {
      service.alert = report.problem();
      if (report.rows() > 0) {
        pause(service, report.problem() + "; its " + report.rows() + " files are kept");
      }
      schedule.within(service, FOLDER_PAUSE_NANOS);
    } else if (!service.brakeOff
        && (emptied || Brake.trips(report.rows(), report.missing().size(), report.fresh()))) {
      pause(
          service,
          (emptied
                  ? "its folder is empty"
                  : report.missing().size() + " of " + report.rows() + " files vanished")
              + "; nothing is dropped until they are back or 'veilor-seed resume "
              + name
              + "' says that this is meant");
      if (emptied) {
        schedule.within(service, FOLDER_PAUSE_NANOS);
      }
    } else {
      resumed(service, report);
    }
  }

  private void resumed(ServiceState service, ScanReport report) {
    if (service.paused != null) {
      LOG.info("service {} goes on", service.settings.name());
      service.paused = null;
      schedule.within(service, 0);
    }
    for (Path path : report.missing()) {
      Entry entry = table.get(path);
      if (entry == null) {
        entry = table.enter(path, service, true);
      }
      apply(entry, new PathEvent.Vanished(service.brakeOff));
    }
    if (report.missing().isEmpty()) {
      service.brakeOn();
    }
  }

  private void pause(ServiceState service, String why) {
    if (!why.equals(service.paused)) {
      LOG.warn("service {} is paused: {}", service.settings.name(), why);
    }
    service.paused = why;
    schedule.within(service, BRAKE_PAUSE_NANOS);
    table.drop(service);
  }

  // ---- the table

  private void fireTimers() {
    long now = nanoClock.getAsLong();
    for (Entry entry = table.pollDue(now); entry != null; entry = table.pollDue(now)) {
      apply(entry, new PathEvent.Tick());
    }
  }

  private void apply(Entry entry, PathEvent event) {
    switch (table.apply(entry, event, nanoClock.getAsLong())) {
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
        && service.brakeTrips(nanoClock.getAsLong())) {
      pause(
          service,
          service.losses()
              + "; nothing is dropped until they are back or 'veilor-seed resume "
              + service.settings.name()
              + "' says that this is meant");
      return new PathEvent.Tick();
    }
    return new PathEvent.Looked(null);
  }

  private void remove(Entry entry) {
    refusals.forget(entry.path);
    services.unfollow(entry.path);
    if (!entry.stored && store.path(entry.path) == null) {
      return;
    }
    entry.service.removed(nanoClock.getAsLong(), entry.sizeBytes);
    if (entry.service.brakeOff && entry.service.missing == 0) {
      entry.service.brakeOn();
    }
    String name = entry.service.settings.name();
    LOG.debug("{} is gone from {}", entry.path, name);
    removePool.execute(() -> {
      try {
        store.removePath(name, entry.path, "the file was deleted");
      } catch (SeedStore.SeedStoreException e) {
        post(() -> failed(entry.path + " cannot be forgotten: " + e.getMessage()));
      }
    });
  }

  private void dispatch() {
    while (smallRunning < SeedingLimits.SMALL_IMPORTS) {
      Entry entry = table.pollQueued(false);
      if (entry == null) {
        break;
      }
      smallRunning++;
      work(entry, false);
    }
    while (largeRunning < settings.hashThreads()) {
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
      Importer.Result result = importSafely(service, entry.path);
      post(() -> finished(entry, large, result));
    });
  }

  private Importer.Result importSafely(ServiceSettings service, Path path) {
    try {
      return importer.importWatched(service, path);
    } catch (RuntimeException e) {
      LOG.error("a bug in importing {}", path, e);
      return new Importer.Result(new PathEvent.Failed("internal error: " + e), null);
    }
  }

  private void finished(Entry entry, boolean large, Importer.Result result) {
    if (large) {
      largeRunning--;
    } else {
      smallRunning--;
    }
    switch (result.event()) {
      case PathEvent.Stored _ -> {
        hashed++;
        if (!entry.stored) {
          entry.service.storedNew(nanoClock.getAsLong(), entry.sizeBytes);
        }
        LOG.debug("{} is seeded", entry.path);
      }
      case PathEvent.Failed(String why) -> failed(entry.path + ": " + why);
      case PathEvent.Rejected(String why) -> {
        LOG.debug("{} is refused: {}", entry.path, why);
        if (entry.stored) {
          entry.service.removed(nanoClock.getAsLong(), entry.sizeBytes);
        }
      }
      default -> LOG.debug("{} changed while it was read", entry.path);
    }
    apply(entry, result.event());
  }

  private void failed(String what) {
    if (!what.equals(lastError)) {
      LOG.warn("{}", what);
    }
    lastError = what;
  }

  /** Notes a file that the operator added, so that its changes are followed; any thread. */
  void follow(Path path) {
    post(() -> {
      PathRecord row = store.path(path);
      if (row != null && services.follow(path)) {
        services.added().storedNew(nanoClock.getAsLong(), row.identity().sizeBytes());
      }
    });
  }

  SeederStatus status() {
    List<SeederStatus.Service> list = new ArrayList<>();
    for (ServiceState state : services.all()) {
      list.add(status(state));
    }
    return new SeederStatus(
        watcher.name(),
        watcher.watches(),
        watcher.budget(),
        list,
        table.counts(null),
        smallRunning + largeRunning,
        hashed,
        lastError);
  }

  private SeederStatus.Service status(ServiceState state) {
    ServiceSettings service = state.settings;
    int pending = table.counts(state).values().stream().mapToInt(Objects::requireNonNull).sum();
    return new SeederStatus.Service(
        service.name(),
        service.directory(),
        service.exposure().name().toLowerCase(Locale.ROOT),
        state.rows,
        state.rowBytes,
        pending,
        state.scanning,
        state.lastScanMillis,
        state.paused,
        state.alert);
  }
}
