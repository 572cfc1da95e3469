package org.veilor.seed.core.wire;

/** Every limit that this module sets to what comes from outside. */
public final class CoreLimits {
  /** Characters of a ticket. */
  public static final int MAX_TICKET_CHARS = 16 * 1024;

  /** Transport addresses of one endpoint. */
  public static final int MAX_TRANSPORT_ADDRS = 256;

  /** Bytes of a relay URL. */
  public static final int MAX_URL_BYTES = 2048;

  /** Bytes of a custom transport address. */
  public static final int MAX_CUSTOM_ADDR_BYTES = 1024;

  /** Bytes of a hash sequence: a million children (sendme's cap). */
  public static final int MAX_HASH_SEQUENCE_BYTES = 32 << 20;

  /** Bytes of a collection's metadata blob. */
  public static final int MAX_COLLECTION_METADATA_BYTES = 64 << 20;

  /** Bytes of one name in a collection: the longest path of Linux. */
  public static final int MAX_NAME_BYTES = 4096;

  /** Bytes of one component of a name: the longest file name of usual file systems. */
  public static final int MAX_NAME_COMPONENT_BYTES = 255;

  /** Bytes of an outboard in memory: that of a blob of 1 GiB. */
  public static final int MAX_OUTBOARD_IN_MEMORY_BYTES = 4 << 20;

  private CoreLimits() {}
}
