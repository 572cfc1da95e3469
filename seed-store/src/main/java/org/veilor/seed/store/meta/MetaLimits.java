package org.veilor.seed.store.meta;

/**
 * How much memory, how many files and how large a log the database may use (field research, 5.6).
 */
final class MetaLimits {
  /** Blocks, indexes, filters and write buffers together. */
  static final long CACHE_BYTES = 32L << 20;

  /** Binary logarithm of the parts of the cache, each with a lock and a share of it. */
  static final int CACHE_SHARD_BITS = 2;

  /** Parts of indexes and filters. */
  static final int FILTER_BLOCK_BYTES = 4096;

  /** Write buffers of all families together; charged to the cache. */
  static final long WRITE_BUFFER_BYTES = 16L << 20;

  /** The write-ahead log is flushed beyond this, which bounds the time that opening takes. */
  static final long WAL_BYTES = 32L << 20;

  /** Descriptors for table files. */
  static final int OPEN_FILES = 256;

  /** Text logs of RocksDB itself. */
  static final int INFO_LOGS = 3;

  /** Bits per key of the filters. */
  static final double FILTER_BITS = 10;

  /** Rows that a scan reads under one hold of the lock. */
  static final int SCAN_PAGE_ROWS = 256;

  /** Damaged databases that are kept for whoever wants to look. */
  static final int DAMAGED_KEPT = 2;

  /** Room that must be free before a database that ran out of space is opened again. */
  static final long REOPEN_FREE_BYTES = 2L << 20;

  private MetaLimits() {}
}
