package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.seeding.PathTable.Entry;

/**
 * Runs the scans and draws the conclusions: what is new or different is hashed, what is missing is
 * dropped, or the service is paused where its folder or too much of it is missing.
 */
final class ScanWork {
  private static final Logger LOG = LoggerFactory.getLogger(ScanWork.class);

  /** While the folder itself is the problem, looking at it costs nothing. */
  private static final long FOLDER_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SeederContext context;
  private final ServiceTable services;
  private final PathWork work;
  private final ScanSchedule schedule;
  private final FolderScanner scanner;
  private final ExecutorService scanPool = SeederLoop.pool("scan");
  private final AtomicInteger tracked = new AtomicInteger();

  ScanWork(SeederContext context, PathWork work, ScanSchedule schedule, FolderScanner scanner) {
    this.context = context;
    this.services = context.services();
    this.work = work;
    this.schedule = schedule;
    this.scanner = scanner;
  }

  /** Walks folders; closed by whoever closes the seeder. */
  ExecutorService scanPool() {
    return scanPool;
  }

  /** Says how many paths are on their way; the scanner waits while there are too many. */
  void tracked(int paths) {
    tracked.set(paths);
  }

  /** Starts the scan of a service. */
  void start(ServiceState service) {
    boolean believed = service.brakeOff;
    scanPool.execute(() -> scan(service, believed));
  }

  /** On the scanner's thread. */
  private void scan(ServiceState service, boolean believed) {
    try {
      ScanReport report =
          service == services.added()
              ? scanner.check(
                  ConfigReader.ADDED,
                  (path, facts) -> found(service, path, facts),
                  (path, size) -> context.mailbox().post(() -> services.follow(path)))
              : scanner.scan(
                  service.settings, believed, (path, facts) -> found(service, path, facts));
      context.mailbox().post(() -> scanned(service, report));
    } catch (RuntimeException e) {
      LOG.error("the scan of {} ended early", service.settings.name(), e);
      context
          .mailbox()
          .post(() -> {
            service.scanning = false;
            service.alert = "the last scan ended: " + e.getMessage();
          });
    }
  }

  /** On the scanner's thread: waits while there is too much on its way. */
  private void found(ServiceState service, Path path, FileFacts facts) {
    while (tracked.get() > SeedingLimits.MAX_TRACKED / 2 && !context.mailbox().isClosed()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    context
        .mailbox()
        .post(() -> {
          if (service.paused == null) {
            long age = System.currentTimeMillis() * 1_000_000L - facts.identity().changedNanos();
            work.apply(
                work.enter(service, path, facts),
                new PathEvent.Found(facts.identity(), Math.max(0, age)));
          }
        });
  }

  private void scanned(ServiceState service, ScanReport report) {
    service.scanning = false;
    service.lastScanMillis = System.currentTimeMillis();
    service.counted(report.rows());
    service.alert = report.notes().isEmpty() ? null : String.join("; ", report.notes());
    service.unwatched(report.unwatchedFolders(), context.settings().scanInterval());
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
        work.pause(service, report.problem() + "; its " + report.rows() + " files are kept");
      }
      schedule.within(service, FOLDER_PAUSE_NANOS);
    } else if (!service.brakeOff
        && (emptied || Brake.trips(report.rows(), report.missing().size(), report.renamed()))) {
      work.pause(
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
    service.renamed(context.nowNanos(), Math.max(0, report.renamed() - report.fresh()));
    if (service.paused != null) {
      LOG.info("service {} goes on", service.settings.name());
      service.paused = null;
      schedule.within(service, 0);
    }
    for (Path path : report.missing()) {
      Entry entry = work.get(path);
      if (entry == null) {
        entry = work.enterStored(service, path, 0);
      }
      work.apply(entry, new PathEvent.Vanished(service.brakeOff));
    }
    if (report.missing().isEmpty()) {
      service.brakeOn();
    }
  }
}
