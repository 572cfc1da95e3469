package org.veilor.seed.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.store.file.FileStatus;
import org.veilor.seed.store.file.StagedOutboard;
import org.veilor.seed.store.importer.FileHasher;
import org.veilor.seed.store.importer.FileHasher.NewOutboard;
import org.veilor.seed.store.importer.FileHasher.Result;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;

/** Imports files: look, skip what did not change, hash, hand the rows to the committer. */
final class Imports {
  private final Engine engine;
  private final FileHasher hasher;

  Imports(Engine engine) {
    this.engine = engine;
    this.hasher = new FileHasher(engine.outboards(), engine.clock(), engine.withSha256());
  }

  /** Hashes on this thread; the future completes with the commit. It never fails. */
  CompletableFuture<ImportOutcome> start(String service, Path given, ProgressListener progress) {
    Path file = Keys.canonical(given);
    ImportOutcome refused = null;
    try {
      FileStatus seen = FileStatus.of(file);
      refused = refused(file, seen.kind());
      if (refused == null) {
        return start(service, file, seen, progress);
      }
    } catch (MetaException e) {
      engine.readFailed(e);
      refused = new ImportOutcome.StoreFailure(file, engine.sentence(e));
    } catch (IOException e) {
      refused = new ImportOutcome.Unreadable(file, FileHasher.reason(e));
    }
    return CompletableFuture.completedFuture(refused);
  }

  private static @Nullable ImportOutcome refused(Path file, FileStatus.Kind kind) {
    if (!Keys.isText(file)) {
      return new ImportOutcome.Rejected(
          file,
          "its name is not text in the encoding of this process; rename it or start with"
              + " LC_ALL=C.UTF-8");
    }
    return switch (kind) {
      case REGULAR -> null;
      case SYMBOLIC_LINK -> new ImportOutcome.Rejected(file, "it is a symbolic link");
      case FOLDER -> new ImportOutcome.Rejected(file, "it is a folder");
      case OTHER -> new ImportOutcome.Rejected(file, "it is a device, a pipe or a socket");
    };
  }

  private CompletableFuture<ImportOutcome> start(
      String service, Path file, FileStatus seen, ProgressListener progress) throws MetaException {
    byte[] value = engine.meta().get(Family.PATH, Keys.path(file));
    PathRecord known = value == null ? null : Rows.path(file, value);
    if (known != null
        && known.identity().isSameState(seen.identity())
        && !engine.serving().isDistrusted(file, known.hash())) {
      return known.service().equals(service)
          ? CompletableFuture.completedFuture(new ImportOutcome.Unchanged(known))
          : commit(movedTo(service, known), null);
    }
    return switch (hasher.hash(file, seen, progress)) {
      case Result.Hashed hashed ->
          commit(
              new PathRecord(
                  service,
                  file,
                  hashed.identity(),
                  hashed.hash(),
                  hashed.sha256(),
                  engine.clock().millis()),
              hashed.outboard());
      case Result.Changed _ ->
          CompletableFuture.completedFuture(new ImportOutcome.ChangedWhileReading(file));
      case Result.Unreadable unreadable ->
          CompletableFuture.completedFuture(new ImportOutcome.Unreadable(file, unreadable.why()));
      case Result.Failed failed -> CompletableFuture.completedFuture(failure(file, failed.cause()));
    };
  }

  private static PathRecord movedTo(String service, PathRecord known) {
    return new PathRecord(
        service,
        known.path(),
        known.identity(),
        known.hash(),
        known.sha256(),
        known.seededAtMillis());
  }

  private ImportOutcome failure(Path file, Throwable cause) {
    Throwable reason =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    String why = engine.sentence(reason);
    engine.failed(why);
    return new ImportOutcome.StoreFailure(file, why);
  }

  private CompletableFuture<ImportOutcome> commit(PathRecord row, @Nullable NewOutboard outboard) {
    AtomicBoolean published = new AtomicBoolean();
    return engine
        .edit(
            (edit, unsynced) -> {
              boolean named = outboard != null && putBlob(edit, row, outboard, unsynced);
              published.set(named);
              if (outboard == null && edit.blob(row.hash()) == null) {
                throw new MetaException(
                    MetaException.Kind.OTHER, "the blob of " + row.path() + " is gone; try again");
              }
              edit.putPath(row);
            },
            true)
        .handle((_, failure) -> {
          finish(row, outboard, failure != null && published.get());
          return failure == null ? new ImportOutcome.Stored(row) : failure(row.path(), failure);
        });
  }

  /** Returns whether an outboard file got its name. */
  private boolean putBlob(
      Edit edit, PathRecord row, NewOutboard outboard, Collection<Path> unsynced)
      throws MetaException, IOException {
    Rows.BlobRow before = edit.blob(row.hash());
    Rows.BlobRow blob =
        before == null
            ? new Rows.BlobRow(
                row.identity().sizeBytes(),
                row.sha256(),
                BlobRecord.Place.IN_PLACE,
                place(outboard))
            : before;
    edit.putBlob(row.hash(), blob, before);
    // Also when the blob is known: what is there may be damaged, and this is the cure.
    if (outboard instanceof NewOutboard.Small small
        && blob.outboard() == BlobRecord.Outboard.DATABASE) {
      edit.putInline(Keys.INLINE_OUTBOARD, row.hash(), small.bytes().bytes());
    }
    if (outboard instanceof NewOutboard.Large large
        && blob.outboard() == BlobRecord.Outboard.FILE) {
      engine.outboards().publish(large.staged(), row.hash(), unsynced);
      return true;
    }
    return false;
  }

  private static BlobRecord.Outboard place(NewOutboard outboard) {
    return switch (outboard) {
      case NewOutboard.None _ -> BlobRecord.Outboard.NOT_NEEDED;
      case NewOutboard.Small _ -> BlobRecord.Outboard.DATABASE;
      case NewOutboard.Large _ -> BlobRecord.Outboard.FILE;
    };
  }

  /** Whatever came of the commit: nothing temporary stays, nothing old is served. */
  private void finish(PathRecord row, @Nullable NewOutboard outboard, boolean orphaned) {
    try {
      if (outboard instanceof NewOutboard.Large(StagedOutboard staged)) {
        staged.close();
      }
      if (outboard != null && !(outboard instanceof NewOutboard.None)) {
        engine.serving().forgetOutboard(row.hash());
      }
      if (orphaned) {
        engine.reclaim(row.hash());
      }
      engine.refusals().forget(row.path());
    } catch (IOException e) {
      engine.failed("a temporary outboard stays until the next start (" + e + ")");
    } catch (MetaException e) {
      engine.readFailed(e);
    }
  }
}
