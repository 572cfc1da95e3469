package org.veilor.seed.node.daemon;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.seeding.SeedStore;
import org.veilor.seed.store.BlobStore;
import org.veilor.seed.store.CollectionEntry;
import org.veilor.seed.store.ImportOutcome;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ProgressListener;
import org.veilor.seed.store.Refusal;
import org.veilor.seed.store.ServiceTotals;
import org.veilor.seed.store.StoreException;

/** The blob store as seeding sees it. */
final class BlobSeedStore implements SeedStore {
  /** Is told what changes for others. */
  interface Listener {
    /** A file of a service can be had under its hash. */
    void appeared(String service, Hash hash);

    /** A file of a service is no more; its blob may still be had by way of another file. */
    void vanished(String service, Hash hash);

    /** A file of a service may be another one than before, or none. */
    void touched(String service, Path file);
  }

  private final BlobStore store;
  private final Listener listener;

  BlobSeedStore(BlobStore store, Listener listener) {
    this.store = store;
    this.listener = listener;
  }

  @Override
  public CompletableFuture<ImportOutcome> importLater(
      String service, Path file, ProgressListener progress) {
    PathRecord before = path(file);
    return guarded(() -> store.importLater(service, file, progress))
        .thenApply(outcome -> told(service, file, before, outcome));
  }

  private ImportOutcome told(
      String service, Path file, @Nullable PathRecord before, ImportOutcome outcome) {
    if (outcome instanceof ImportOutcome.Stored(PathRecord stored)) {
      if (before != null && !before.hash().equals(stored.hash())) {
        listener.vanished(service, before.hash());
      }
      listener.appeared(service, stored.hash());
    }
    listener.touched(service, file);
    return outcome;
  }

  @Override
  public @Nullable PathRecord path(Path file) {
    return BlobSeedStore.<@Nullable PathRecord>guarded(() -> store.path(file));
  }

  @Override
  public void forEachPath(String service, Path folder, Consumer<PathRecord> consumer) {
    guarded(() -> {
      store.forEachPathBelow(
          folder,
          row -> {
            if (row.service().equals(service)) {
              consumer.accept(row);
            }
          });
      return true;
    });
  }

  @Override
  public ServiceTotals totals(String service) {
    return store.totals(service);
  }

  @Override
  public void removePath(String service, Path file, String why) {
    PathRecord before = path(file);
    guarded(() -> {
      store.removePath(service, file, why);
      return true;
    });
    if (before != null) {
      listener.vanished(service, before.hash());
    }
    listener.touched(service, file);
  }

  @Override
  public void recordRefusal(String service, Path file, String why) {
    guarded(() -> {
      store.recordRefusal(service, file, why);
      return true;
    });
  }

  @Override
  public @Nullable Refusal refusal(Path file) {
    return BlobSeedStore.<@Nullable Refusal>guarded(() -> store.refusal(file));
  }

  @Override
  public Hash storeCollection(String service, Path folder, List<NamedHash> entries) {
    List<CollectionEntry> list =
        entries.stream().map(entry -> new CollectionEntry(entry.name(), entry.hash())).toList();
    try {
      return store.storeCollection(service, folder, list).hash();
    } catch (StoreException e) {
      throw new SeedStoreException(String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw failure(e);
    }
  }

  @Override
  public void onContentChanged(Consumer<Path> listener) {
    store.onContentChanged(listener);
  }

  private static <T extends @Nullable Object> T guarded(Supplier<T> call) {
    try {
      return call.get();
    } catch (UncheckedIOException e) {
      throw failure(e);
    }
  }

  private static SeedStoreException failure(UncheckedIOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new SeedStoreException(String.valueOf(cause.getMessage()), e);
  }
}
