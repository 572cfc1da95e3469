package org.veilor.seed.node.seeding;

import java.time.Duration;

/** Every limit of seeding in one place. */
public final class SeedingLimits {
  /** Folders in folders below a service's own; what lies deeper is not seeded. */
  public static final int MAX_DEPTH = 64;

  /** Files of one service; those that a scan meets later are not seeded. */
  public static final int MAX_FILES = 2_000_000;

  /**
   * Paths that are settling, waiting or being hashed at once; a scan waits, a hint asks for one.
   */
  public static final int MAX_TRACKED = 200_000;

  /** Messages of watcher and workers that the seeder has not read yet. */
  public static final int MAX_MAILBOX = 65_536;

  /** Refused files whose identity is remembered, so that a scan does not read them again. */
  public static final int MAX_REMEMBERED_REFUSALS = 100_000;

  /** Small files imported at once; most of them wait for the disk, and share its syncs. */
  public static final int SMALL_IMPORTS = 1024;

  /**
   * Threads that read small files. More of them than cores, because a disk may be slow; not many
   * more, because where files are in memory they only take the cores from each other.
   */
  public static final int READERS = 16;

  /** From this size on a file counts as large, and only {@code hash_threads} are read at once. */
  public static final long LARGE_BYTES = 1 << 20;

  /** The share of the user's inotify watches that is taken, as a divisor. */
  public static final int WATCH_SHARE = 2;

  /** The share of a service's files that may vanish, in percent. */
  public static final int BRAKE_PERCENT = 20;

  /** Fewer files than this may vanish however small the service is. */
  public static final int BRAKE_MINIMUM = 5;

  /** The time within which vanished files are counted together. */
  public static final Duration BRAKE_WINDOW = Duration.ofMinutes(1);

  /** Between two scans that hints ask for. */
  public static final Duration MIN_SCAN_PAUSE = Duration.ofSeconds(5);

  /** Files in one folder that is added as a collection. */
  public static final int MAX_COLLECTION_FILES = 100_000;

  private SeedingLimits() {}
}
