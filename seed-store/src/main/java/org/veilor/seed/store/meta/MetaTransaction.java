package org.veilor.seed.store.meta;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatchWithIndex;

/**
 * Changes that become durable together or not at all. It reads its own writes. One thread.
 *
 * <p>Several independent changes can share one transaction, and so one sync: a change that fails is
 * taken back to the mark that was set before it.
 */
public final class MetaTransaction implements RowSource, AutoCloseable {
  private final MetaStore store;
  private final WriteBatchWithIndex batch = new WriteBatchWithIndex(true);

  MetaTransaction(MetaStore store) {
    this.store = store;
  }

  /** The value of a row as this transaction leaves it, or null. */
  @Override
  public byte @Nullable [] get(Family family, byte[] key) throws MetaException {
    return store.<byte @Nullable []>lend(
        "read", h -> batch.getFromBatchAndDB(h.db, h.family(family), h.reads, key));
  }

  /** Whether any row's key starts with {@code prefix}. */
  public boolean hasPrefix(Family family, byte[] prefix) throws MetaException {
    return store.lend(
        "scan",
        h -> {
          RocksIterator base = h.db.newIterator(h.family(family), h.reads);
          try (RocksIterator both = batch.newIteratorWithBase(h.family(family), base)) {
            both.seek(prefix);
            boolean found = both.isValid() && MetaStore.startsWith(both.key(), prefix);
            both.status();
            return found;
          }
        });
  }

  /** Writes a row. */
  public void put(Family family, byte[] key, byte[] value) throws MetaException {
    store.lend(
        "write",
        h -> {
          batch.put(h.family(family), key, value);
          return true;
        });
  }

  /** Deletes a row, if there is one. */
  public void delete(Family family, byte[] key) throws MetaException {
    store.lend(
        "delete",
        h -> {
          batch.delete(h.family(family), key);
          return true;
        });
  }

  /** Sets a mark for {@link #takeBack()}. */
  public void mark() {
    batch.setSavePoint();
  }

  /** Forgets all changes since the last mark. */
  public void takeBack() throws MetaException {
    try {
      batch.rollbackToSavePoint();
    } catch (RocksDBException e) {
      throw MetaStore.translated("take back", e);
    }
  }

  /** Whether anything was changed. */
  public boolean isEmpty() {
    return batch.count() == 0;
  }

  /**
   * Makes all changes visible together.
   *
   * @param durable whether they survive a power failure when this returns; a killed process loses
   *     nothing in either case
   */
  public void commit(boolean durable) throws MetaException {
    try {
      store.lend(
          "commit",
          h -> {
            h.db.write(durable ? h.synced : h.unsynced, batch);
            return true;
          });
    } catch (MetaException e) {
      store.writeFailed();
      throw e;
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}
