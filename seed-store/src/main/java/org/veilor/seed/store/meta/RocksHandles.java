package org.veilor.seed.store.meta;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * All native objects of one opened database, and the order in which they are freed: a use after
 * that is not an exception but the end of the process, so only {@link MetaStore} holds one, behind
 * its lock.
 *
 * <p>The recovery mode of the write-ahead log is {@code kTolerateCorruptedTailRecords}, on purpose.
 * The default, point in time, opens silently without everything behind a damaged record (measured:
 * 500 of 1,000 synced rows gone). Absolute consistency refuses every log that ends in the middle of
 * a record, which is what a killed process leaves. This mode drops an incomplete last record, never
 * acknowledged as its write had not returned, and reports every other damage.
 */
final class RocksHandles implements AutoCloseable {
  private final List<AutoCloseable> closeInOrder = new ArrayList<>();
  private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
  final RocksDB db;
  final WriteOptions synced;
  final WriteOptions unsynced;
  final ReadOptions reads;

  /** For walks over many rows, which would push everything else out of the cache. */
  final ReadOptions scans;

  /** Opens the database in {@code folder}, or creates it. */
  RocksHandles(Path folder) throws RocksDBException {
    Cache cache = kept(new LRUCache(MetaLimits.CACHE_BYTES, MetaLimits.CACHE_SHARD_BITS));
    WriteBufferManager buffers = kept(new WriteBufferManager(MetaLimits.WRITE_BUFFER_BYTES, cache));
    DBOptions options = kept(databaseOptions(buffers));
    BloomFilter filter = kept(new BloomFilter(MetaLimits.FILTER_BITS));
    ColumnFamilyOptions familyOptions = kept(familyOptions(cache, filter));
    synced = kept(new WriteOptions().setSync(true));
    unsynced = kept(new WriteOptions());
    reads = kept(new ReadOptions());
    scans = kept(new ReadOptions().setFillCache(false));
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions));
    for (Family family : Family.values()) {
      descriptors.add(new ColumnFamilyDescriptor(family.nameBytes(), familyOptions));
    }
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      db = kept(RocksDB.open(options, folder.toString(), descriptors, opened));
    } catch (RocksDBException e) {
      close();
      throw e;
    }
    opened.forEach(this::kept);
    int index = 1;
    for (Family family : Family.values()) {
      families.put(family, opened.get(index++));
    }
  }

  private static DBOptions databaseOptions(WriteBufferManager buffers) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setWriteBufferManager(buffers)
        .setMaxTotalWalSize(MetaLimits.WAL_BYTES)
        .setMaxOpenFiles(MetaLimits.OPEN_FILES)
        .setKeepLogFileNum(MetaLimits.INFO_LOGS)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxBackgroundJobs(2)
        .setStatsDumpPeriodSec(0);
  }

  private static ColumnFamilyOptions familyOptions(Cache cache, BloomFilter filter) {
    return new ColumnFamilyOptions()
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                // Whole, the filter of a large table is larger than a shard of the cache, and was
                // read from its file for each look at a key: 1.6 MB for a file that is imported.
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setMetadataBlockSize(MetaLimits.FILTER_BLOCK_BYTES)
                .setPinTopLevelIndexAndFilter(true)
                .setFilterPolicy(filter));
  }

  private <T extends AutoCloseable> T kept(T handle) {
    closeInOrder.addFirst(handle);
    return handle;
  }

  ColumnFamilyHandle family(Family family) {
    ColumnFamilyHandle handle = families.get(family);
    if (handle == null) {
      throw new IllegalStateException("no column family " + family);
    }
    return handle;
  }

  /** Frees family handles, then the database, then options and caches. Nothing may use them now. */
  @Override
  public void close() {
    for (AutoCloseable handle : closeInOrder) {
      try {
        handle.close();
      } catch (Exception e) {
        throw new IllegalStateException("a native handle did not close", e);
      }
    }
    closeInOrder.clear();
  }
}
