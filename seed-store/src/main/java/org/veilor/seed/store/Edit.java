package org.veilor.seed.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaTransaction;

/**
 * The rules by which rows belong together, applied inside one transaction: a path or a collection
 * holds blobs, and a blob whose last holder goes is dropped. What it changes in the {@link Totals},
 * and which blobs it dropped, counts only after the commit.
 */
final class Edit {
  private final MetaTransaction transaction;
  private final Totals change = new Totals();
  private final List<Hash> dropped = new ArrayList<>();

  Edit(MetaTransaction transaction) {
    this.transaction = transaction;
  }

  Totals change() {
    return change;
  }

  List<Hash> dropped() {
    return dropped;
  }

  Rows.@Nullable BlobRow blob(Hash hash) throws MetaException {
    byte[] value = transaction.get(Family.BLOB, hash.toBytes());
    return value == null ? null : Rows.blob(value);
  }

  /** Writes the row of a blob that is new, or replaces it by one with the same outboard. */
  void putBlob(Hash hash, Rows.BlobRow row, Rows.@Nullable BlobRow before) throws MetaException {
    transaction.put(Family.BLOB, hash.toBytes(), Rows.encode(row));
    if (before == null) {
      change.addBlob(row, 1);
    }
  }

  void putInline(byte kind, Hash hash, byte[] bytes) throws MetaException {
    transaction.put(Family.INLINE, Keys.inline(kind, hash), bytes);
  }

  /** Lets a path hold a blob, whose row exists; what it held before is released. */
  void putPath(PathRecord row) throws MetaException {
    byte[] key = Keys.path(row.path());
    byte[] old = transaction.get(Family.PATH, key);
    transaction.put(Family.PATH, key, Rows.encode(row));
    transaction.put(
        Family.HOLDER, Keys.holder(row.hash(), Keys.PATH_HOLDER, row.path()), new byte[0]);
    change.addPath(row, 1);
    if (old == null) {
      return;
    }
    PathRecord before = Rows.path(row.path(), old);
    change.addPath(before, -1);
    if (!before.hash().equals(row.hash())) {
      release(before.hash(), Keys.PATH_HOLDER, row.path());
    }
  }

  /** Removes a path if it still stands for {@code hash}; returns what was removed, or null. */
  @Nullable PathRecord dropPath(Path path, Hash hash) throws MetaException {
    return dropPath(path, row -> row.hash().equals(hash));
  }

  /** Removes a path if it belongs to {@code service}; returns what was removed, or null. */
  @Nullable PathRecord dropPath(Path path, String service) throws MetaException {
    return dropPath(path, row -> row.service().equals(service));
  }

  private @Nullable PathRecord dropPath(Path path, Predicate<PathRecord> only)
      throws MetaException {
    byte[] key = Keys.path(path);
    byte[] old = transaction.get(Family.PATH, key);
    PathRecord row = old == null ? null : Rows.path(path, old);
    if (row == null || !only.test(row)) {
      return null;
    }
    transaction.delete(Family.PATH, key);
    change.addPath(row, -1);
    release(row.hash(), Keys.PATH_HOLDER, path);
    return row;
  }

  /** Keeps a ticket before those known of its blob; an older one of the same endpoint goes. */
  void putTicket(BlobTicket ticket) throws MetaException {
    Hash hash = ticket.content().hash();
    byte[] old = transaction.get(Family.TICKET, hash.toBytes());
    List<BlobTicket> kept = new ArrayList<>(List.of(ticket));
    for (BlobTicket each : old == null ? List.<BlobTicket>of() : Rows.tickets(hash, old)) {
      if (kept.size() < StoreLimits.TICKETS && !each.addr().id().equals(ticket.addr().id())) {
        kept.add(each);
      }
    }
    transaction.put(Family.TICKET, hash.toBytes(), Rows.encode(kept));
  }

  /** Lets a folder hold the two blobs of its collection, whose rows exist. */
  void putCollection(CollectionRecord row) throws MetaException {
    Path folder = row.folder();
    byte[] old = transaction.get(Family.COLLECTION, Keys.path(folder));
    transaction.put(Family.COLLECTION, Keys.path(folder), Rows.encode(row));
    for (Hash held : List.of(row.hash(), row.metadataHash())) {
      transaction.put(
          Family.HOLDER, Keys.holder(held, Keys.COLLECTION_HOLDER, folder), new byte[0]);
    }
    if (old == null) {
      change.collections.incrementAndGet();
      return;
    }
    CollectionRecord before = Rows.collection(folder, old);
    for (Hash held : List.of(before.hash(), before.metadataHash())) {
      if (!held.equals(row.hash()) && !held.equals(row.metadataHash())) {
        release(held, Keys.COLLECTION_HOLDER, folder);
      }
    }
  }

  /** Removes a collection; its files are not touched. */
  boolean dropCollection(Path folder) throws MetaException {
    byte[] key = Keys.path(folder);
    byte[] old = transaction.get(Family.COLLECTION, key);
    if (old == null) {
      return false;
    }
    CollectionRecord row = Rows.collection(folder, old);
    transaction.delete(Family.COLLECTION, key);
    change.collections.decrementAndGet();
    release(row.hash(), Keys.COLLECTION_HOLDER, folder);
    release(row.metadataHash(), Keys.COLLECTION_HOLDER, folder);
    return true;
  }

  private void release(Hash hash, byte kind, Path holder) throws MetaException {
    transaction.delete(Family.HOLDER, Keys.holder(hash, kind, holder));
    Rows.BlobRow row = blob(hash);
    if (row != null && !transaction.hasPrefix(Family.HOLDER, Keys.holders(hash))) {
      transaction.delete(Family.BLOB, hash.toBytes());
      transaction.put(Family.META, Keys.dropped(hash), new byte[0]);
      change.addBlob(row, -1);
      dropped.add(hash);
    }
  }
}
