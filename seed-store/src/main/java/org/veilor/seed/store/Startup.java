package org.veilor.seed.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

/**
 * What is looked at when a store is opened: every row is read and counted, outboards that no row
 * names are deleted, and blobs whose outboard is gone lose their holders, so that the next scan
 * imports them again.
 */
final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  private final Engine engine;
  private final MetaStore meta;
  private final List<Hash> withoutOutboard = new ArrayList<>();
  private final Set<Hash> dropped = new HashSet<>();

  private Startup(Engine engine) {
    this.engine = engine;
    this.meta = engine.meta();
  }

  static void run(Engine engine) throws MetaException, IOException {
    try {
      new Startup(engine).run();
    } catch (MetaException e) {
      if (e.kind() != MetaException.Kind.DAMAGED) {
        throw e;
      }
      engine.meta().rebuildEmpty(Engine.timestamp(engine.clock()));
      engine.totals().reset();
      engine.noteRebuilt(String.valueOf(e.getMessage()));
      new Startup(engine).run();
    }
  }

  private void run() throws MetaException, IOException {
    checkFormat();
    countRows();
    meta.scan(
        Family.META,
        Keys.DROPPED_PREFIX,
        (key, _) -> {
          dropped.add(Keys.droppedHash(key));
          return true;
        });
    int orphans = engine.outboards().sweep(this::isNeeded);
    if (orphans > 0) {
      LOG.info("{} outboards were left over from a former process", orphans);
    }
    engine.load(dropped);
    engine.start();
    if (!withoutOutboard.isEmpty()) {
      LOG.warn("{} outboards are missing; their files are hashed again", withoutOutboard.size());
      dropHoldersOf(withoutOutboard);
    }
  }

  private void checkFormat() throws MetaException {
    byte[] format = meta.get(Family.META, Keys.FORMAT);
    if (format == null) {
      meta.putUnsynced(Family.META, Keys.FORMAT, new byte[] {Rows.VERSION});
    } else if (format.length != 1 || format[0] > Rows.VERSION) {
      throw new MetaException(MetaException.Kind.NEWER, "the format is newer");
    }
  }

  private void countRows() throws MetaException, IOException {
    Totals totals = engine.totals();
    List<IOException> failures = new ArrayList<>();
    meta.scan(
        Family.BLOB,
        Keys.ALL,
        (key, value) -> {
          Rows.BlobRow row = Rows.blob(value);
          totals.addBlob(row, 1);
          if (row.outboard() == BlobRecord.Outboard.FILE) {
            checkOutboard(Keys.blob(key), row, failures);
          }
          return true;
        });
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    meta.scan(
        Family.PATH,
        Keys.ALL,
        (key, value) -> {
          Keys.checkPath(key);
          totals.addPath(Rows.pathSize(value));
          return true;
        });
    meta.scan(
        Family.COLLECTION,
        Keys.ALL,
        (key, value) -> {
          Rows.collection(Keys.path(key), value);
          return totals.collections.incrementAndGet() > 0;
        });
  }

  private void checkOutboard(Hash hash, Rows.BlobRow row, List<IOException> failures) {
    try {
      if (engine.outboards().sizeBytes(hash) != row.outboardBytes()) {
        withoutOutboard.add(hash);
      } else {
        engine.outboards().checkReadable(hash);
      }
    } catch (IOException e) {
      failures.add(e);
    }
  }

  private boolean isNeeded(Hash hash) throws MetaException {
    byte[] value = meta.get(Family.BLOB, hash.toBytes());
    return value != null && Rows.blob(value).outboard() == BlobRecord.Outboard.FILE;
  }

  private void dropHoldersOf(List<Hash> hashes) throws MetaException {
    for (Hash hash : hashes) {
      List<byte[]> holders = new ArrayList<>();
      meta.scan(Family.HOLDER, Keys.holders(hash), (key, _) -> holders.add(key));
      engine
          .edit(
              (edit, _) -> {
                for (byte[] holder : holders) {
                  Path path = Keys.holderPath(holder);
                  if (Keys.holderKind(holder) == Keys.PATH_HOLDER) {
                    edit.dropPath(path, hash);
                  } else {
                    edit.dropCollection(path);
                  }
                }
              },
              false)
          .join();
    }
  }
}
