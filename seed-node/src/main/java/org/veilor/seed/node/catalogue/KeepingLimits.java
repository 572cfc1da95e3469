package org.veilor.seed.node.catalogue;

/** What catalogues may cost this node, and how often they change. */
public final class KeepingLimits {
  /** Changes are collected for so long before a catalogue is built. */
  public static final long COLLECT_MILLIS = 1_000;

  /** Catalogues of a service are at least so far apart. */
  public static final long BETWEEN_MILLIS = 5_000;

  /** So many times as long as a catalogue took to build, the next one waits. */
  public static final int REST_FACTOR = 20;

  /** No catalogue waits longer for changes that are known. */
  public static final long MOST_BETWEEN_MILLIS = 300_000;

  /** Changed paths that are remembered; with more, everything is compared. */
  public static final int MAX_TOUCHED = 100_000;

  /** Entries that are compared, and changes that are built, at once: some 50 MB. */
  public static final int MAX_PART = 1 << 17;

  /** Everything is compared so often, whatever was told. */
  public static final long COMPARE_MILLIS = 24 * 3_600_000L;

  /** Blobs of a catalogue that is not the newest any more can be read for so long. */
  public static final long KEEP_MILLIS = 600_000;

  /** It is looked so often for what may go. */
  public static final long SWEEP_MILLIS = 60_000;

  /** All blobs of one catalogue of somebody else together. */
  public static final long MAX_CATALOGUE_BYTES = 1L << 30;

  /** Names and root of the collection of a service; with longer ones there is none. */
  public static final int MAX_COLLECTION_BYTES = 16 << 20;

  /** Pages that are fetched at once. */
  public static final int PAGES_AT_ONCE = 8;

  /** Catalogues that are fetched at once. */
  public static final int FETCHES_AT_ONCE = 4;

  /** The issuer alone is tried for so long before others are asked. */
  public static final long ISSUER_ALONE_MILLIS = 700;

  /** A blob of a catalogue that has not come by then is tried again later. */
  public static final long BLOB_MILLIS = 120_000;

  /** Members that have a catalogue fetch the changes of the next one within this time. */
  public static final int SPREAD_MILLIS = 700;

  /** After a failure, the first wait before the next try, and the longest. */
  public static final long RETRY_MILLIS = 2_000;

  public static final long MOST_RETRY_MILLIS = 300_000;

  /** A catalogue that is being built when the node stops may take so long. */
  public static final long CLOSE_MILLIS = 10_000;

  /** Forgets in force that are kept of one origin; those that end first go. */
  public static final int MAX_FORGETS = 4_095;

  private KeepingLimits() {}
}
