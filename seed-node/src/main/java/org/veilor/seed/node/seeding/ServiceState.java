package org.veilor.seed.node.seeding;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.config.ServiceSettings;

/** What the seeder knows of one service; belongs to the seeder's thread. */
final class ServiceState {
  final ServiceSettings settings;

  /**
   * Files of the service in the store, as of the last scan and what happened since. What is stored
   * while a scan counts may be counted twice; the brake does not need it more exactly.
   */
  private long rows;

  /** Why deletions are not believed and nothing new is hashed, or null. */
  @Nullable String paused;

  /** What the operator should know, or null. */
  @Nullable String alert;

  /** Paths in the table that are missing and stored. */
  int missing;

  /** Paths in the table that are on their way and not stored yet. */
  int fresh;

  /** How many paths in the table are in which state. */
  final Map<Class<?>, int[]> byState = new HashMap<>();

  /** What its folder is, as of the last look; another one means that something was mounted. */
  @Nullable String folderLooks;

  /** Whether a scan runs or waits to run. */
  boolean scanning;

  /** When the next scan is due, nanoseconds of the seeder's clock. */
  long nextScanNanos;

  /** When the last scan ended, milliseconds since 1970, or 0. */
  long lastScanMillis;

  /** Folders that are not watched for want of budget. */
  int unwatchedFolders;

  /** Whether the operator said that the deletions of the next scan are meant. */
  boolean brakeOff;

  private long rowsSinceScan;
  private long windowStartNanos;
  private long removedLately;
  private long storedLately;
  private long renamesCounted;

  ServiceState(ServiceSettings settings) {
    this.settings = settings;
  }

  /** Counts a stored file that was not stored before. */
  void storedNew(long nowNanos) {
    window(nowNanos);
    // only what comes while something is missing can make up for it (a folder that is renamed)
    storedLately += missing > 0 || removedLately > 0 ? 1 : 0;
    change(1);
  }

  /**
   * A scan found missing files under other names that are stored already: they make up for them,
   * once, however many scans see it.
   */
  void renamed(long nowNanos, long storedFiles) {
    window(nowNanos);
    storedLately += Math.max(0, storedFiles - renamesCounted);
    renamesCounted = storedFiles;
  }

  /** Counts a stored file that was dropped. */
  void removed(long nowNanos) {
    window(nowNanos);
    removedLately++;
    change(-1);
  }

  /**
   * Says how many folders are not watched for want of budget; an alert where there are any.
   *
   * @param scanInterval how often they are looked at all the same
   */
  void unwatched(int folders, Duration scanInterval) {
    unwatchedFolders = folders;
    if (folders > 0) {
      alert =
          folders
              + " folders are not watched, only scanned every "
              + (scanInterval.toMinutes() > 0
                  ? scanInterval.toMinutes() + " min"
                  : scanInterval.toSeconds() + " s")
              + "; raise fs.inotify.max_user_watches (sysctl)";
    }
  }

  private void change(int files) {
    rows = Math.max(0, rows + files);
    rowsSinceScan += files;
  }

  /** A scan starts to count the stored files; what changes from now on comes on top. */
  void scanStarted() {
    rowsSinceScan = 0;
  }

  /** A scan has counted the stored files, right after its start. */
  void counted(long files) {
    rows = Math.max(0, files + rowsSinceScan);
  }

  /** The operator's word is done: from now on deletions are counted from nothing again. */
  void brakeOn() {
    brakeOff = false;
    removedLately = 0;
    storedLately = 0;
    renamesCounted = 0;
  }

  /** Whether too much vanishes. */
  boolean brakeTrips(long nowNanos) {
    window(nowNanos);
    return !brakeOff
        && Brake.trips(rows + removedLately, missing + removedLately, fresh + storedLately);
  }

  /** How much vanishes, for the alert. */
  String losses() {
    return missing + removedLately + " of " + (rows + removedLately) + " files vanished";
  }

  private void window(long nowNanos) {
    if (nowNanos - windowStartNanos > SeedingLimits.BRAKE_WINDOW.toNanos()) {
      windowStartNanos = nowNanos;
      renamesCounted = 0;
      removedLately = 0;
      storedLately = 0;
    }
  }
}
