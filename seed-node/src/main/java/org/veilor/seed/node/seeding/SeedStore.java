package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.ImportOutcome;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ProgressListener;
import org.veilor.seed.store.Refusal;
import org.veilor.seed.store.ServiceTotals;

/**
 * What seeding needs of the store. Every method may block on the disk and may be called from many
 * threads; a store that fails throws {@link SeedStoreException}.
 */
public interface SeedStore {
  /** One file of a collection. */
  record NamedHash(String name, Hash hash) {}

  /** The store cannot answer; the message is one sentence. */
  final class SeedStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates it. */
    public SeedStoreException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Hashes a file in place, on this thread.
   *
   * @return completes when that is durable, on the store's own thread, which must not be kept busy
   */
  CompletableFuture<ImportOutcome> importLater(
      String service, Path file, ProgressListener progress);

  /** What is stored of a file, or null. */
  @Nullable PathRecord path(Path file);

  /** Calls back for every stored file of a service below a folder. */
  void forEachPath(String service, Path folder, Consumer<PathRecord> consumer);

  /** How many files of a service are stored. */
  ServiceTotals totals(String service);

  /** Forgets a file. */
  void removePath(String service, Path file, String why);

  /** Notes why a file is not seeded. */
  void recordRefusal(String service, Path file, String why);

  /** Why a file is not seeded, or null. */
  @Nullable Refusal refusal(Path file);

  /** Keeps a collection; the answer is the hash of its root. */
  Hash storeCollection(String service, Path folder, List<NamedHash> entries);

  /** Calls back, on any thread, when serving found that a file is not what was hashed. */
  void onContentChanged(Consumer<Path> listener);
}
