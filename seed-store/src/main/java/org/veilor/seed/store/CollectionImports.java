package org.veilor.seed.store;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.blob.Collection;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.store.meta.MetaException;

/** Makes collections of blobs that are in the store; their two own blobs go into the database. */
final class CollectionImports {
  private final Engine engine;

  CollectionImports(Engine engine) {
    this.engine = engine;
  }

  /** A blob that is kept in the database. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes within this class, never compared
  private record Kept(Outboard outboard, byte[] data, Sha256 sha256) {
    static Kept of(byte[] data, String what) throws StoreException {
      if (data.length > StoreLimits.INLINE_BLOB_BYTES) {
        throw new StoreException(
            what + " takes " + data.length + " bytes; split the folder into smaller ones");
      }
      return new Kept(Outboard.of(SubtreeEngine.preferred(), data), data, digest(data));
    }

    Hash hash() {
      return outboard.hash();
    }
  }

  /** Stores the collection; durable on return. */
  HashAndFormat store(String service, Path given, List<CollectionEntry> entries)
      throws StoreException {
    Path folder = Keys.canonical(given);
    if (!Keys.isText(folder)) {
      throw new StoreException(
          "the name of the folder " + folder + " is not text in the encoding of this process");
    }
    Collection collection =
        new Collection(
            entries.stream().map(e -> new Collection.Entry(e.name(), e.hash())).toList());
    Kept metadata = Kept.of(collection.metadata(), "the list of names of " + folder);
    Kept root = Kept.of(collection.hashSequence().toBytes(), "the list of hashes of " + folder);
    try {
      engine
          .edit(
              (edit, _) -> {
                long sizeBytes = sizeBytes(edit, entries);
                put(edit, metadata);
                put(edit, root);
                edit.putCollection(
                    new CollectionRecord(
                        service,
                        folder,
                        root.hash(),
                        metadata.hash(),
                        entries.size(),
                        sizeBytes,
                        engine.clock().millis()));
              },
              true)
          .join();
      engine.refusals().forget(folder);
    } catch (CompletionException e) {
      throw failure(folder, e.getCause());
    } catch (MetaException e) {
      engine.readFailed(e);
    }
    return HashAndFormat.hashSequence(root.hash());
  }

  private StoreException failure(Path folder, @Nullable Throwable cause) {
    if (cause instanceof MissingBlob missing) {
      return new StoreException(
          "the collection of " + folder + " cannot be made: " + missing.getMessage());
    }
    String sentence = engine.sentence(cause);
    engine.failed(sentence);
    return new StoreException(sentence, cause == null ? new IOException() : cause);
  }

  /** A collection must not promise what is not here. */
  private static final class MissingBlob extends IOException {
    private static final long serialVersionUID = 1L;

    private MissingBlob(CollectionEntry entry) {
      super("the blob of " + entry.name() + " is not in the store; import the file first");
    }
  }

  private static long sizeBytes(Edit edit, List<CollectionEntry> entries)
      throws MetaException, MissingBlob {
    long sum = 0;
    for (CollectionEntry entry : entries) {
      Rows.BlobRow row = edit.blob(entry.hash());
      if (row == null) {
        throw new MissingBlob(entry);
      }
      sum = Math.addExact(sum, row.sizeBytes());
    }
    return sum;
  }

  private static void put(Edit edit, Kept kept) throws MetaException {
    Rows.BlobRow before = edit.blob(kept.hash());
    boolean hasOutboard = kept.outboard.pairs().length > 0;
    Rows.BlobRow row =
        before != null
            ? before.inDatabase()
            : new Rows.BlobRow(
                kept.data.length,
                kept.sha256,
                BlobRecord.Place.DATABASE,
                hasOutboard ? BlobRecord.Outboard.DATABASE : BlobRecord.Outboard.NOT_NEEDED);
    edit.putBlob(kept.hash(), row, before);
    edit.putInline(Keys.INLINE_DATA, kept.hash(), kept.data);
    if (row.outboard() == BlobRecord.Outboard.DATABASE) {
      edit.putInline(Keys.INLINE_OUTBOARD, kept.hash(), kept.outboard.pairs());
    }
  }

  private static Sha256 digest(byte[] data) {
    try {
      return Sha256.of(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
