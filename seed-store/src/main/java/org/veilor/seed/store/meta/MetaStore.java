package org.veilor.seed.store.meta;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata database: rows of bytes in the column families of {@link Family}.
 *
 * <p>It owns all native handles behind a read-write lock: whoever uses them holds it shared,
 * opening, reopening and closing hold it alone. Every scan ends with a look at the iterator's
 * status, because an iterator that meets a damaged block just stops. All blocks are verified when
 * the database is opened, so that damage is found at the start and not by a peer; that reads each
 * table file once.
 */
public final class MetaStore implements RowSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetaStore.class);

  private final Path folder;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private @Nullable RocksHandles handles;
  private volatile boolean reopenBeforeWriting;

  private MetaStore(Path folder, RocksHandles handles) {
    this.folder = folder;
    this.handles = handles;
  }

  /** A database, and why it had to be rebuilt, or null if it was sound. */
  public record Opened(MetaStore store, @Nullable String rebuiltBecause) {}

  /**
   * Opens the database in {@code folder}; a damaged one is moved aside and a new one created.
   *
   * @param timestamp text that is appended to the name of a damaged folder
   * @throws MetaException of every kind but {@link MetaException.Kind#DAMAGED}
   */
  public static Opened openOrRebuild(Path folder, String timestamp) throws MetaException {
    NativeLibrary.load(folder.resolveSibling("native"));
    try {
      return new Opened(new MetaStore(folder, openChecked(folder)), null);
    } catch (MetaException e) {
      if (e.kind() != MetaException.Kind.DAMAGED) {
        throw e;
      }
      String why = String.valueOf(e.getMessage());
      Path aside = DamagedFolders.moveAside(folder, timestamp);
      LOG.warn("the database {} is damaged ({}); it was moved to {}", folder, why, aside);
      return new Opened(new MetaStore(folder, openChecked(folder)), why);
    }
  }

  private static RocksHandles openChecked(Path folder) throws MetaException {
    DamagedFolders.refuseTornDatabase(folder);
    try {
      Files.createDirectories(folder);
      RocksHandles opened = new RocksHandles(folder);
      try {
        opened.db.verifyChecksum();
        return opened;
      } catch (RocksDBException e) {
        opened.close();
        throw e;
      }
    } catch (RocksDBException e) {
      throw translated("open", e);
    } catch (IOException e) {
      throw new MetaException(
          e instanceof AccessDeniedException ? MetaException.Kind.DENIED : MetaException.Kind.OTHER,
          "the folder " + folder + " cannot be created: " + e,
          e);
    }
  }

  /** What a failure of RocksDB implies. */
  static MetaException translated(String action, RocksDBException e) {
    Status status = e.getStatus();
    String text = String.valueOf(e.getMessage());
    Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
    MetaException.Kind kind = MetaException.Kind.OTHER;
    if ((status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || text.contains("No space left on device")) {
      kind = MetaException.Kind.FULL;
    } else if (isDenial(text)) {
      kind = MetaException.Kind.DENIED;
    } else if (code == Status.Code.Corruption
        || (code == Status.Code.IOError && text.contains("No such file or directory"))) {
      kind = MetaException.Kind.DAMAGED;
    } else if (code == Status.Code.InvalidArgument && text.contains("Column families not opened")) {
      kind = MetaException.Kind.NEWER;
    }
    return new MetaException(kind, action + ": " + code + ": " + text, e);
  }

  private static boolean isDenial(String text) {
    return text.contains("Permission denied")
        || text.contains("Operation not permitted")
        || text.contains("Read-only file system");
  }

  private interface Use<T extends @Nullable Object> {
    T with(RocksHandles handles) throws RocksDBException;
  }

  private <T extends @Nullable Object> T use(String action, Use<T> use) throws MetaException {
    lock.readLock().lock();
    try {
      RocksHandles current = handles;
      if (current == null) {
        throw new MetaException(MetaException.Kind.CLOSED, "the database is closed");
      }
      return use.with(current);
    } catch (RocksDBException e) {
      throw translated(action, e);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) throws MetaException {
    return this.<byte @Nullable []>use("read", h -> h.db.get(h.family(family), h.reads, key));
  }

  /** Writes a row that may be lost with the machine's power, not with the process. */
  public void putUnsynced(Family family, byte[] key, byte[] value) throws MetaException {
    use(
        "write",
        h -> {
          h.db.put(h.family(family), h.unsynced, key, value);
          return true;
        });
  }

  /** Deletes a row; like {@link #putUnsynced}. */
  public void deleteUnsynced(Family family, byte[] key) throws MetaException {
    use(
        "delete",
        h -> {
          h.db.delete(h.family(family), h.unsynced, key);
          return true;
        });
  }

  @SuppressWarnings("ArrayRecordComponent") // a pair of bytes within this class, never compared
  private record Row(byte[] key, byte[] value) {}

  /**
   * Visits the rows whose keys start with {@code prefix}. A row that exists from start to end is
   * seen exactly once; others may be. The visitor runs outside the lock and may do anything.
   */
  public void scan(Family family, byte[] prefix, RowVisitor visitor) throws MetaException {
    byte[] from = prefix;
    while (true) {
      byte[] start = from;
      List<Row> page = use("scan", h -> page(h, family, prefix, start));
      for (Row row : page) {
        if (!visitor.row(row.key, row.value)) {
          return;
        }
      }
      if (page.size() < MetaLimits.SCAN_PAGE_ROWS) {
        return;
      }
      byte[] last = page.getLast().key;
      from = Arrays.copyOf(last, last.length + 1);
    }
  }

  private static List<Row> page(RocksHandles h, Family family, byte[] prefix, byte[] from)
      throws RocksDBException {
    List<Row> rows = new ArrayList<>();
    try (RocksIterator iterator = h.db.newIterator(h.family(family), h.scans)) {
      iterator.seek(from);
      while (rows.size() < MetaLimits.SCAN_PAGE_ROWS && iterator.isValid()) {
        byte[] key = iterator.key();
        if (!startsWith(key, prefix)) {
          break;
        }
        rows.add(new Row(key, iterator.value()));
        iterator.next();
      }
      iterator.status();
    }
    return rows;
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** Starts a transaction. One at a time, by one thread: the database does not detect conflicts. */
  public MetaTransaction begin() throws MetaException {
    if (reopenBeforeWriting) {
      reopen();
    }
    return new MetaTransaction(this);
  }

  /** Lends the handles to a transaction for one call. */
  <T extends @Nullable Object> T lend(String action, TransactionUse<T> use) throws MetaException {
    return use(action, use::with);
  }

  /** One call of a transaction. */
  interface TransactionUse<T extends @Nullable Object> {
    T with(RocksHandles handles) throws RocksDBException;
  }

  /** A write failed: RocksDB now refuses all others until it is opened again. */
  void writeFailed() {
    reopenBeforeWriting = true;
  }

  private void reopen() throws MetaException {
    try {
      if (Files.getFileStore(folder).getUsableSpace() < MetaLimits.REOPEN_FREE_BYTES) {
        throw new MetaException(
            MetaException.Kind.FULL, "less than 2 MiB are free on the file system of " + folder);
      }
    } catch (IOException e) {
      throw new MetaException(MetaException.Kind.OTHER, "no look at the file system: " + e, e);
    }
    lock.writeLock().lock();
    try {
      closeHandles();
      handles = openChecked(folder);
      reopenBeforeWriting = false;
      LOG.info("the database {} was opened again after a failed write", folder);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Moves the database aside and continues with an empty one.
   *
   * @param timestamp text that is appended to the name of the old folder
   */
  public void rebuildEmpty(String timestamp) throws MetaException {
    lock.writeLock().lock();
    try {
      closeHandles();
      if (Files.exists(folder)) {
        Path aside = DamagedFolders.moveAside(folder, timestamp);
        LOG.warn("the database {} was damaged; it was moved to {}", folder, aside);
      }
      handles = openChecked(folder);
      reopenBeforeWriting = false;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void closeHandles() {
    RocksHandles current = handles;
    handles = null;
    if (current != null) {
      current.close();
    }
  }

  /** Writes the log through to the disk, then frees everything. Later calls say it is closed. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      RocksHandles current = handles;
      if (current == null) {
        return;
      }
      try {
        current.db.flushWal(true);
      } catch (RocksDBException e) {
        LOG.warn("the last rows of {} may be lost: {}", folder, e.getMessage());
      }
      closeHandles();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
