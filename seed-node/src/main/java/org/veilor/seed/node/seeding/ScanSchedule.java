package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * When which service is scanned: at the start, at intervals with some jitter so that services do
 * not meet, soon after hints were lost, and at once when its folder became another one. Belongs to
 * the seeder's thread.
 */
final class ScanSchedule {
  private static final long FOLDER_CHECK_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final ServiceTable services;
  private final FileView files;
  private final LongSupplier nanoClock;
  private final long intervalNanos;
  private final Consumer<ServiceState> scan;
  private long nextCheckNanos;

  /**
   * Creates it.
   *
   * @param scan starts the scan of a service on another thread
   */
  ScanSchedule(
      ServiceTable services,
      FileView files,
      LongSupplier nanoClock,
      Duration interval,
      Consumer<ServiceState> scan) {
    this.services = services;
    this.files = files;
    this.nanoClock = nanoClock;
    this.intervalNanos = interval.toNanos();
    this.scan = scan;
    services.added().nextScanNanos = nanoClock.getAsLong();
  }

  /** When the next scan is due, or {@link Long#MAX_VALUE}. */
  long nextNanos() {
    long next = Long.MAX_VALUE;
    for (ServiceState service : services.all()) {
      next = Math.min(next, service.scanning ? Long.MAX_VALUE : service.nextScanNanos);
    }
    return next;
  }

  /** Starts what is due. */
  void run() {
    long now = nanoClock.getAsLong();
    checkFolders(now);
    for (ServiceState service : services.all()) {
      if (!service.scanning && now >= service.nextScanNanos) {
        service.scanning = true;
        service.scanStarted();
        double jitter = 0.9 + ThreadLocalRandom.current().nextDouble() * 0.2;
        service.nextScanNanos = now + (long) (intervalNanos * jitter);
        scan.accept(service);
      }
    }
  }

  /**
   * Looks whether a service's folder is another one than before: unmounting and mounting give no
   * event where the file system goes on to be mounted elsewhere.
   */
  private void checkFolders(long now) {
    if (now < nextCheckNanos) {
      return;
    }
    nextCheckNanos = now + FOLDER_CHECK_NANOS;
    for (ServiceState service : services.configured()) {
      String looks;
      try {
        FileFacts facts = files.facts(service.settings.directory());
        looks = facts.kind() + " " + facts.identity().device() + " " + facts.identity().inode();
      } catch (IOException e) {
        looks = Reasons.of(e);
      }
      if (!looks.equals(service.folderLooks) && service.folderLooks != null) {
        service.nextScanNanos = now;
      }
      service.folderLooks = looks;
    }
  }

  /** Scans everything now. */
  void allNow() {
    services.all().forEach(service -> within(service, 0));
  }

  /** Scans everything soon. */
  void allSoon() {
    services.all().forEach(this::soon);
  }

  /** Scans a service soon; hints that come fast share a scan. */
  void soon(ServiceState service) {
    within(service, service.lastScanMillis == 0 ? 0 : SeedingLimits.MIN_SCAN_PAUSE.toNanos());
  }

  /** Scans a service at the latest after that time. */
  void within(ServiceState service, long nanos) {
    service.nextScanNanos = Math.min(service.nextScanNanos, nanoClock.getAsLong() + nanos);
  }
}
