package org.veilor.seed.store;

/** Every limit of the store in one place; those of the database are in its own package. */
public final class StoreLimits {
  /** Tickets kept for one blob, the newest. */
  public static final int TICKETS = 8;

  /** Services whose members may have a blob that is no file of a service. */
  public static final int AUDIENCE_SERVICES = 8;

  /** Outboards up to this size go into the database; blobs up to 257 chunk groups have such. */
  public static final int INLINE_OUTBOARD_BYTES = 16 << 10;

  /** Largest blob that is kept in the database itself: metadata of about 100,000 long names. */
  public static final int INLINE_BLOB_BYTES = 16 << 20;

  /** Memory for inline outboards and blobs that are being served. */
  public static final int INLINE_CACHE_BYTES = 16 << 20;

  /** Channels that stay open between reads, of served files and of outboards together. */
  public static final int OPEN_FILES = 512;

  /** Refusals that are remembered; the oldest is forgotten first. */
  public static final int REFUSALS = 20_000;

  /** Length of a reason in characters; longer ones are cut. */
  public static final int REASON_CHARACTERS = 500;

  /** Length of a service's name in characters. */
  public static final int SERVICE_CHARACTERS = 200;

  /** Paths of one blob that are told in {@link BlobRecord}. */
  public static final int PATHS_TOLD = 100;

  /** Changes that may wait for the committer; who brings more waits. */
  public static final int WAITING_CHANGES = 2048;

  /** Changes that share one sync. */
  public static final int GROUPED_CHANGES = 1024;

  /** Bytes read from a file at once. */
  public static final int READ_BYTES = 1 << 18;

  /** Read buffers that are kept for the next imports. */
  public static final int IDLE_BUFFERS = 16;

  private StoreLimits() {}
}
