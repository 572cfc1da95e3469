package org.veilor.seed.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.store.file.FileReason;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.file.StateLock;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

/**
 * The blobs of this node: files that are seeded where they lie, and the collections made of them.
 *
 * <p>Metadata is in a database below {@code db}, large outboards in files below {@code outboards},
 * content stays in place. What an import acknowledged survives a killed process and a power
 * failure. What is read is not trusted: a file that changed since it was hashed is dropped as soon
 * as it is noticed, and every chunk group is verified by the encoder in any case.
 *
 * <p>All methods may be called from any thread; they block on files and the database, so not from
 * an event loop. Paths are made absolute and normalised, symbolic links in folders are not
 * resolved. A method that finds the database damaged answers as if there were nothing, because that
 * is what will be true a moment later; {@link UncheckedIOException} is for a failing disk.
 */
public final class BlobStore implements BlobCatalog, AutoCloseable {
  private final StateLock lock;
  private final Engine engine;
  private final Imports imports;
  private final CollectionImports collections;

  private BlobStore(StateLock lock, Engine engine) {
    this.lock = lock;
    this.engine = engine;
    this.imports = new Imports(engine);
    this.collections = new CollectionImports(engine);
  }

  /**
   * Opens the store in {@code stateDirectory}, which is created when needed and locked. A damaged
   * database is moved aside and an empty one created; {@link StoreStats#rebuilt()} tells.
   *
   * @throws StateLockedException if another process has it
   * @throws StoreException if it cannot be used; the message names the cure
   */
  public static BlobStore open(Path stateDirectory, StoreOptions options) throws StoreException {
    StateLock lock = StateLock.acquire(stateDirectory);
    boolean opened = false;
    try {
      BlobStore store = openLocked(lock, options);
      opened = true;
      return store;
    } finally {
      if (!opened) {
        unlock(lock);
      }
    }
  }

  private static void unlock(StateLock lock) throws StoreException {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StoreException("the lock of " + lock.folder() + " cannot be freed: " + e, e);
    }
  }

  private static BlobStore openLocked(StateLock lock, StoreOptions options) throws StoreException {
    Path root = lock.folder();
    Engine engine = null;
    boolean opened = false;
    try {
      OutboardFiles outboards = OutboardFiles.open(root.resolve("outboards"), options.outputs());
      MetaStore.Opened meta =
          MetaStore.openOrRebuild(root.resolve("db"), Engine.timestamp(options.clock()));
      engine = new Engine(root, meta.store(), outboards, options);
      if (meta.rebuiltBecause() != null) {
        engine.noteRebuilt(meta.rebuiltBecause());
      }
      lock.syncFolder();
      Startup.run(engine);
      opened = true;
      return new BlobStore(lock, engine);
    } catch (MetaException | IOException e) {
      throw new StoreException(openingSentence(root, e), e);
    } finally {
      if (!opened && engine != null) {
        closeFailed(engine);
      }
    }
  }

  private static String openingSentence(Path root, Exception e) {
    if (e instanceof MetaException meta) {
      return switch (meta.kind()) {
        case FULL -> "the disk of the state folder " + root + " is full; make room and start again";
        case NEWER ->
            "the database in "
                + root
                + " was written by a newer veilor-seed; run that one, or choose another folder"
                + " with --state";
        case DENIED ->
            "the database in "
                + root
                + " may not be used ("
                + e.getMessage()
                + "); give this user the right to read and write everything there";
        case DAMAGED, CLOSED, OTHER ->
            "the database in " + root + " cannot be opened: " + e.getMessage();
      };
    }
    String reason = e instanceof IOException io ? FileReason.of(io) : String.valueOf(e);
    return "the state folder "
        + root
        + " cannot be used ("
        + reason
        + "); give this user the right to read and write everything there, and room";
  }

  private static void closeFailed(Engine engine) throws StoreException {
    try {
      engine.close();
    } catch (IOException e) {
      throw new StoreException("files of " + engine.root() + " do not close: " + e, e);
    }
  }

  /** Imports a file without telling of the progress. */
  public ImportOutcome importFile(String service, Path file) {
    return importFile(service, file, ProgressListener.NONE);
  }

  /**
   * Hashes a file, unless it is as it was when it was hashed before, and returns when what was
   * found is durable. Imports of many threads share their syncs.
   */
  public ImportOutcome importFile(String service, Path file, ProgressListener progress) {
    return importLater(service, file, progress).join();
  }

  /**
   * Hashes a file on this thread and returns without waiting for the commit, so that few threads
   * can keep many imports in one group. It waits while {@link StoreLimits#WAITING_CHANGES} wait.
   *
   * @return completes, on the committer's thread, when the outcome is durable; never exceptionally
   */
  public CompletableFuture<ImportOutcome> importLater(
      String service, Path file, ProgressListener progress) {
    return imports.start(checked(service), file, progress);
  }

  /**
   * Makes a collection of files that are in the store, and lets {@code folder} stand for it; a
   * former one is replaced. Durable on return.
   *
   * @throws StoreException if a blob is not in the store, or it cannot be kept
   */
  public HashAndFormat storeCollection(String service, Path folder, List<CollectionEntry> entries)
      throws StoreException {
    return collections.store(checked(service), folder, entries);
  }

  private static String checked(String service) {
    if (service.length() > StoreLimits.SERVICE_CHARACTERS) {
      throw new IllegalArgumentException("a service's name of " + service.length() + " characters");
    }
    return service;
  }

  private interface Reading<T extends @Nullable Object> {
    T read() throws MetaException;
  }

  private <T extends @Nullable Object> T read(T inDamage, Reading<T> reading) {
    try {
      return reading.read();
    } catch (MetaException e) {
      engine.readFailed(e);
      if (e.kind() == MetaException.Kind.DAMAGED) {
        return inDamage;
      }
      throw new UncheckedIOException(new IOException(engine.sentence(e), e));
    }
  }

  /** What is known of a file, or null. */
  public @Nullable PathRecord path(Path given) {
    Path file = Keys.canonical(given);
    return this.<@Nullable PathRecord>read(
        null,
        () -> {
          byte[] value = engine.meta().get(Family.PATH, Keys.path(file));
          PathRecord row = value == null ? null : Rows.path(file, value);
          return row == null || engine.serving().isDistrusted(file, row.hash()) ? null : row;
        });
  }

  /** The collection that a folder stands for, or null. */
  public @Nullable CollectionRecord collection(Path given) {
    Path folder = Keys.canonical(given);
    return this.<@Nullable CollectionRecord>read(
        null,
        () -> {
          byte[] value = engine.meta().get(Family.COLLECTION, Keys.path(folder));
          return value == null ? null : Rows.collection(folder, value);
        });
  }

  /** What is known of a blob, or null. */
  public @Nullable BlobRecord blob(Hash hash) {
    return this.<@Nullable BlobRecord>read(
        null,
        () -> {
          byte[] value = engine.meta().get(Family.BLOB, hash.toBytes());
          if (value == null) {
            return null;
          }
          Rows.BlobRow row = Rows.blob(value);
          List<Path> paths = holders(hash, StoreLimits.PATHS_TOLD);
          return new BlobRecord(
              hash, row.sizeBytes(), row.sha256(), row.place(), row.outboard(), paths);
        });
  }

  /** The files that hold a blob, at most {@link StoreLimits#PATHS_TOLD}. */
  public List<PathRecord> files(Hash hash) {
    BlobRecord blob = blob(hash);
    List<PathRecord> files = new ArrayList<>();
    for (Path path : blob == null ? List.<Path>of() : blob.paths()) {
      PathRecord row = path(path);
      if (row != null) {
        files.add(row);
      }
    }
    return List.copyOf(files);
  }

  private List<Path> holders(Hash hash, int limit) throws MetaException {
    List<Path> paths = new ArrayList<>();
    engine
        .meta()
        .scan(
            Family.HOLDER,
            Keys.holders(hash, Keys.PATH_HOLDER),
            (key, _) -> {
              paths.add(Keys.holderPath(key));
              return paths.size() < limit;
            });
    return paths;
  }

  /** How many files of a service are in the store. */
  public ServiceTotals totals(String service) {
    return engine.totals().service(service);
  }

  /**
   * Visits all files of a service in the order of their paths; changes during the visit may be seen
   * or not.
   *
   * @param service null for all services
   */
  public void forEachPath(@Nullable String service, Consumer<PathRecord> visitor) {
    visitPaths(Keys.ALL, service, visitor);
  }

  /** Visits all files below a folder, at any depth, in the order of their paths. */
  public void forEachPathBelow(Path folder, Consumer<PathRecord> visitor) {
    visitPaths(Keys.below(Keys.canonical(folder)), null, visitor);
  }

  private void visitPaths(byte[] prefix, @Nullable String service, Consumer<PathRecord> visitor) {
    read(
        false,
        () -> {
          engine
              .meta()
              .scan(
                  Family.PATH,
                  prefix,
                  (key, value) -> {
                    PathRecord row = Rows.path(Keys.path(key), value);
                    if (service == null || service.equals(row.service())) {
                      visitor.accept(row);
                    }
                    return true;
                  });
          return true;
        });
  }

  /** Visits all collections of a service, or of all; like {@link #forEachPath}. */
  public void forEachCollection(@Nullable String service, Consumer<CollectionRecord> visitor) {
    read(
        false,
        () -> {
          engine
              .meta()
              .scan(
                  Family.COLLECTION,
                  Keys.ALL,
                  (key, value) -> {
                    CollectionRecord row = Rows.collection(Keys.path(key), value);
                    if (service == null || service.equals(row.service())) {
                      visitor.accept(row);
                    }
                    return true;
                  });
          return true;
        });
  }

  /**
   * Forgets a file of a service; if it belongs to another one by now, nothing happens. A blob
   * without any path and collection is dropped; its outboard is deleted when nobody reads it any
   * more. If the database cannot be written now, the file is at least no longer served.
   *
   * @param why is kept as its {@link Refusal}
   */
  public void removePath(String service, Path given, String why) {
    Path file = Keys.canonical(given);
    PathRecord row = path(file);
    if (row != null && !row.service().equals(service)) {
      return;
    }
    try {
      engine.edit((edit, _) -> edit.dropPath(file, service), false).join();
    } catch (CompletionException e) {
      engine.failed(engine.sentence(e.getCause()));
      if (row != null) {
        engine.serving().distrust(row.hash(), file, why);
      }
    }
    recordRefusal(service, file, why);
  }

  /** Forgets the collection of a folder; its files stay. */
  public void removeCollection(Path given) {
    Path folder = Keys.canonical(given);
    try {
      engine.edit((edit, _) -> edit.dropCollection(folder), false).join();
    } catch (CompletionException e) {
      engine.failed(engine.sentence(e.getCause()));
    }
  }

  /**
   * Keeps tickets, which name who has a blob; at most {@link StoreLimits#TICKETS} of one blob, the
   * newest. Durable on return.
   *
   * @throws StoreException if they cannot be kept
   */
  public void keepTickets(List<BlobTicket> tickets) throws StoreException {
    try {
      engine
          .edit(
              (edit, _) -> {
                for (BlobTicket ticket : tickets) {
                  edit.putTicket(ticket);
                }
              },
              true)
          .join();
    } catch (CompletionException e) {
      throw new StoreException("the ticket cannot be kept: " + engine.sentence(e.getCause()), e);
    }
  }

  /** The tickets that are known of a blob, the newest first. */
  public List<BlobTicket> tickets(Hash hash) {
    return read(
        List.of(),
        () -> {
          byte[] value = engine.meta().get(Family.TICKET, hash.toBytes());
          return value == null ? List.of() : Rows.tickets(hash, value);
        });
  }

  /** The collections whose names or hashes a blob holds. */
  public List<CollectionRecord> collections(Hash hash) {
    return read(
        List.of(),
        () -> {
          List<CollectionRecord> found = new ArrayList<>();
          engine
              .meta()
              .scan(
                  Family.HOLDER,
                  Keys.holders(hash, Keys.COLLECTION_HOLDER),
                  (key, _) -> {
                    CollectionRecord row = collection(Keys.holderPath(key));
                    if (row != null) {
                      found.add(row);
                    }
                    return found.size() < StoreLimits.PATHS_TOLD;
                  });
          return List.copyOf(found);
        });
  }

  /** To whom a blob may be given that is no file of a service; null if that is not known. */
  public @Nullable Audience audience(Hash hash) {
    return this.<@Nullable Audience>read(
        null,
        () -> {
          byte[] value = engine.meta().get(Family.AUDIENCE, hash.toBytes());
          return value == null ? null : Rows.audience(value);
        });
  }

  /** Writes that down. It survives the process, maybe not the power. */
  public void keepAudience(Hash hash, Audience audience) {
    read(
        false,
        () -> {
          engine.meta().putUnsynced(Family.AUDIENCE, hash.toBytes(), Rows.encode(audience));
          return true;
        });
  }

  /** Nothing is known of that any more. */
  public void forgetAudience(Hash hash) {
    read(
        false,
        () -> {
          engine.meta().deleteUnsynced(Family.AUDIENCE, hash.toBytes());
          return true;
        });
  }

  /** Visits all blobs of which that is known. */
  public void forEachAudience(BiConsumer<Hash, Audience> visitor) {
    read(
        false,
        () -> {
          engine
              .meta()
              .scan(
                  Family.AUDIENCE,
                  Keys.ALL,
                  (key, value) -> {
                    visitor.accept(Keys.blob(key), Rows.audience(value));
                    return true;
                  });
          return true;
        });
  }

  /** Remembers why a path is not seeded; at most {@link StoreLimits#REFUSALS}, newest first. */
  public void recordRefusal(String service, Path given, String why) {
    Path file = Keys.canonical(given);
    if (!Keys.isText(file)) {
      return;
    }
    String reason =
        why.length() <= StoreLimits.REASON_CHARACTERS
            ? why
            : why.substring(0, StoreLimits.REASON_CHARACTERS);
    engine.refuse(new Refusal(checked(service), file, reason, engine.clock().millis()));
  }

  /** Why a path is not seeded, or null if nothing is known against it. */
  public @Nullable Refusal refusal(Path given) {
    Path file = Keys.canonical(given);
    return this.<@Nullable Refusal>read(null, () -> engine.refusals().get(file));
  }

  /**
   * Opens a blob. The first of its files that is as it was when it was hashed serves; one that is
   * not is dropped, one that is absent is left out. The reader throws {@link
   * ContentChangedException} when the file changes later. Readers hold no descriptor between reads.
   *
   * @throws IOException if the database cannot be read
   */
  @Override
  public BlobLookup open(Hash hash) throws IOException {
    return engine.serving().open(hash);
  }

  /**
   * Serving found that a file does not hold the blob. From now on it is not served under this hash;
   * its row goes soon after, then listeners are told.
   */
  public void contentChanged(Hash hash, Path file, String why) {
    engine.serving().distrust(hash, Keys.canonical(file), why);
  }

  /**
   * Serving found bytes that do not belong to the blob and does not know the file: every file that
   * was changed is dropped, and if none was, the one that would serve now.
   */
  public void contentChanged(Hash hash, String why) {
    read(false, () -> engine.serving().distrustWrong(hash, why));
  }

  /**
   * Registers who is told of files that must be hashed again, on the committer's thread: it must
   * only note the path.
   */
  public void onContentChanged(Consumer<Path> listener) {
    engine.onContentChanged(listener);
  }

  /**
   * Registers who is told that the database was damaged and is empty now, so that everything has to
   * be scanned again; on the committer's thread.
   */
  public void onRebuilt(Runnable listener) {
    engine.onRebuilt(listener);
  }

  /** How the store is. */
  public StoreStats stats() {
    Totals totals = engine.totals();
    return new StoreStats(
        totals.blobs.get(),
        totals.bytes.get(),
        totals.outboardBytes.get(),
        totals.paths.get(),
        totals.collections.get(),
        engine.refusals().size(),
        engine.serving().openLeases(),
        engine.serving().openFiles(),
        engine.waitingChanges(),
        engine.lastError(),
        engine.rebuilt());
  }

  /**
   * Commits what waits and frees everything. Readers that are still open fail from now on. Callers
   * stop their imports first.
   */
  @Override
  public void close() {
    try {
      engine.close();
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
