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
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.config.SeedingSettings;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.seeding.PathTable.Entry;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ServiceTotals;

/**
 * The seeder's thread: it takes hints ({@link HintWork}), findings of scans ({@link ScanWork}) and
 * results of workers ({@link PathWork}) in the order in which they come, and fires timers. It looks
 * at files ({@code lstat}) but never reads one.
 */
final class SeederLoop {
  private static final Logger LOG = LoggerFactory.getLogger(SeederLoop.class);
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Messages between two looks at the timers. */
  private static final int MESSAGES_AT_ONCE = 4096;

  private final Mailbox mailbox = new Mailbox();
  private final AtomicBoolean hintsLost = new AtomicBoolean();
  private final ServiceTable services = new ServiceTable();
  private final SeederContext context;
  private final FolderWatcher watcher;
  private final ScanSchedule schedule;
  private final PathWork work;
  private final ScanWork scans;
  private final HintWork hints;
  private final Thread thread;

  SeederLoop(
      SeedStore store,
      SeedingSettings settings,
      FileView files,
      LongSupplier nanoClock,
      ExecutorService importPool) {
    context = new SeederContext(store, settings, files, nanoClock, services, mailbox);
    schedule =
        new ScanSchedule(services, files, nanoClock, settings.scanInterval(), this::startScan);
    work = new PathWork(context, schedule, importPool);
    watcher = openWatcher(settings.watch());
    FolderScanner scanner =
        new FolderScanner(store, files, watcher, work.refusals(), mailbox::isClosed);
    scans = new ScanWork(context, work, schedule, scanner);
    hints = new HintWork(context, work, schedule, watcher, scanner);
    thread = Thread.ofPlatform().name("seeder").daemon().unstarted(this::run);
  }

  private void startScan(ServiceState service) {
    scans.start(service);
  }

  /** One thread. */
  static ExecutorService pool(String name) {
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
    return work.importer();
  }

  void start(List<ServiceSettings> initial) {
    services(initial);
    context.store().onContentChanged(path -> mailbox.post(() -> hints.contentChanged(path)));
    mailbox.post(() -> LOG.debug("the seeder starts"));
    thread.start();
  }

  // ---- the proxy's side: any thread

  /** Puts a question and waits for the answer. */
  <T> T ask(Function<SeederLoop, T> question) {
    return mailbox.ask(() -> question.apply(this));
  }

  /** A hint, on the watcher's thread; it must not wait, or the kernel's queue overflows. */
  private void heard(Hint hint) {
    if (!mailbox.offer(() -> hints.hint(hint))) {
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
    for (ExecutorService pool : List.of(scans.scanPool(), hints.folderPool(), work.removePool())) {
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
        long now = context.nowNanos();
        long next = Math.min(work.nextDueNanos(), schedule.nextNanos());
        long wait = Math.clamp(next - now, 0, MAX_WAIT_NANOS);
        Runnable message = mailbox.poll(wait);
        for (int i = 0; message != null && i < MESSAGES_AT_ONCE; i++) {
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
        work.fireTimers();
        schedule.run();
        work.dispatch();
        scans.tracked(work.tracked());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (SeedStore.SeedStoreException e) {
        work.failed("the store failed: " + e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("a bug in the seeder; it goes on", e);
        work.failed("internal error: " + e);
      }
    }
  }

  /** Takes over the services. */
  void services(List<ServiceSettings> wanted) {
    services.replace(
        wanted,
        context.nowNanos(),
        left -> {
          work.drop(left);
          watcher.unwatchBelow(left.settings.directory());
        });
  }

  @Nullable ServiceSettings serviceOf(Path path) {
    ServiceState state = services.ownerOf(path);
    return state == null || state == services.added() ? null : state.settings;
  }

  @Nullable PathState state(Path path) {
    Entry entry = work.get(path);
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

  /** Asks for a scan of everything; any thread, never waits. */
  void requestScan() {
    hintsLost.set(true);
  }

  void scanAllNow() {
    schedule.allNow();
  }

  /** Notes a file that the operator added, so that its changes are followed; any thread. */
  void follow(Path path) {
    mailbox.post(() -> {
      PathRecord row = context.store().path(path);
      if (row != null && services.follow(path)) {
        services.added().storedNew(context.nowNanos());
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
        work.counts(null),
        work.running(),
        work.hashed(),
        work.lastError());
  }

  private SeederStatus.Service status(ServiceState state) {
    ServiceSettings service = state.settings;
    ServiceTotals totals = context.store().totals(service.name());
    int pending = work.counts(state).values().stream().mapToInt(Objects::requireNonNull).sum();
    return new SeederStatus.Service(
        service.name(),
        service.directory(),
        service.exposure().name().toLowerCase(Locale.ROOT),
        totals.files(),
        totals.sizeBytes(),
        pending,
        state.scanning,
        state.lastScanMillis,
        state.paused,
        state.alert);
  }
}
