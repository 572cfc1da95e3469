package org.veilor.seed.store.cache;

import java.time.Duration;

/** Every limit of the cache in one place. */
public final class CacheLimits {
  /** Share of the budget above which a blob is not kept, unless it is pinned. */
  public static final int LARGEST_PERCENT = 25;

  /** Share of the budget above which a blob must be asked for twice, unless it is pinned. */
  public static final int SECOND_REQUEST_PERCENT = 1;

  /** How long a first request is remembered. */
  public static final Duration SECOND_REQUEST_WITHIN = Duration.ofHours(24);

  /** First requests that are remembered; the oldest is forgotten first. */
  public static final int GHOSTS = 20_000;

  /** When room is made, down to this share of the budget. */
  public static final int LOW_WATER_PERCENT = 95;

  /** Pins. */
  public static final int PINS = 10_000;

  /** How often the ranking is written down, and the file system looked at. */
  public static final Duration TICK = Duration.ofSeconds(30);

  /** Accesses are counted up to here. */
  public static final int ACCESSES = 255;

  /** Accesses that are replayed for each blob at the start. */
  public static final int REPLAYED_ACCESSES = 10;

  /** Openings of a blob within this time are one access: a player asks for many ranges. */
  public static final Duration ONE_ACCESS = Duration.ofSeconds(10);

  /** A file that was used within this time is taken to be in memory, with its folder and inode. */
  public static final Duration WARM = Duration.ofMinutes(10);

  /** Channels that stay open between reads. */
  public static final int OPEN_FILES = 256;

  /**
   * Bytes written after which a checkpoint is made in the background, which also starts the disk.
   */
  public static final long CHECKPOINT_BYTES = 64L << 20;

  /** Chunk groups of one blob that may be present in part; of more, parts are not counted. */
  public static final int PARTIAL_GROUPS = 1024;

  /** Pages of pairs of one blob that wait to be written; a page is 4 KiB. */
  public static final int WAITING_PAGES = 16;

  /** After the disk was full, so much must be free beyond {@code min_free} before it goes on. */
  public static final long FULL_UNTIL_FREE_BYTES = 256L << 10;

  /** How often room is looked for while the disk is full. */
  public static final Duration FULL_CHECK = Duration.ofSeconds(2);

  /** Blocks a writer reserves for the growth of its folder. */
  static final int FOLDER_BLOCKS = 6;

  private CacheLimits() {}
}
