package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.admission.DatabaseFolders;
import org.veilor.seed.node.config.ConfigReader;
import org.veilor.seed.node.seeding.SeedStore.NamedHash;
import org.veilor.seed.store.PathRecord;
import org.veilor.seed.store.ProgressListener;

/**
 * Seeds what the operator names: a file as a blob, a folder as a collection with names as {@code
 * sendme} gives them (relative to the folder's parent, joined with '/', sorted; symbolic links
 * skipped; empty folders lost). Blocking; many may run at once.
 */
public final class Adder {
  private static final Comparator<NamedHash> BY_NAME =
      Comparator.comparing(
          entry -> entry.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final SeedStore store;
  private final FileView files;
  private final Importer importer;
  private final ExecutorService pool;
  private final Consumer<Path> followed;

  Adder(
      SeedStore store,
      FileView files,
      Importer importer,
      ExecutorService pool,
      Consumer<Path> followed) {
    this.store = store;
    this.files = files;
    this.importer = importer;
    this.pool = pool;
    this.followed = followed;
  }

  /** What came of adding one path. */
  public sealed interface Added {
    /** A file is seeded. */
    record File(Path path, Hash hash, long sizeBytes) implements Added {}

    /**
     * A folder is seeded as a collection.
     *
     * @param sizeBytes of all files together
     */
    record Folder(Path path, Hash root, int files, long sizeBytes) implements Added {}

    /** It is never seeded. */
    record Refused(Path path, String why) implements Added {}

    /** It is not there. */
    record Absent(Path path) implements Added {}

    /** It could not be read or stored. */
    record Failed(Path path, String why) implements Added {}
  }

  /** Is told how adding goes; calls come from many threads. */
  public interface Listener {
    /** So many files and bytes are done. */
    void progress(long filesDone, long filesTotal, long bytesDone, long bytesTotal);

    /** Something in a folder is left out. */
    void skipped(Path path, String why);
  }

  private record Found(Path path, long sizeBytes) {}

  /** A file that was read and becomes durable. */
  private record Read(CompletableFuture<Added> added) {}

  /**
   * Adds a file or a folder.
   *
   * @param path absolute; symbolic links in it are followed, because the operator named it
   * @param asCollection whether a single file becomes a collection too
   */
  public Added add(Path path, boolean asCollection, Listener listener) {
    Path real;
    FileFacts facts;
    try {
      real = path.toRealPath();
      facts = files.facts(real);
    } catch (IOException e) {
      return Reasons.isAbsence(e)
          ? new Added.Absent(path)
          : new Added.Failed(path, "it cannot be looked at: " + Reasons.of(e));
    }
    return switch (facts.kind()) {
      case REGULAR -> {
        Added added = file(real, facts, listener).join();
        yield asCollection && added instanceof Added.File file
            ? collection(real, List.of(file))
            : added;
      }
      case FOLDER -> folder(real, listener);
      case LINK, SPECIAL -> new Added.Refused(real, Importer.kindReason(facts.kind()));
    };
  }

  /**
   * Adds every file below a folder by itself, without a collection.
   *
   * @param each told every file
   */
  public @Nullable Added addEach(Path path, Listener listener, Consumer<Added> each) {
    try {
      Path folder = path.toRealPath();
      for (Added added : importAll(walk(folder, listener), listener)) {
        each.accept(added);
      }
      return null;
    } catch (IOException e) {
      return Reasons.isAbsence(e)
          ? new Added.Absent(path)
          : new Added.Failed(path, "it cannot be listed: " + Reasons.of(e));
    }
  }

  /** Makes a collection of a seeded file; null if it is none. */
  public Added.@Nullable Folder collectionOfFile(String service, Path file) {
    PathRecord seeded = store.path(file);
    return seeded == null ? null : collection(service, file, List.of(member(seeded)));
  }

  /** Makes a collection of what is seeded below a folder now; null of nothing. */
  public Added.@Nullable Folder collectionOfFolder(String service, Path folder) {
    List<Added.File> seeded = new ArrayList<>();
    store.forEachPath(service, folder, row -> seeded.add(member(row)));
    return seeded.isEmpty() ? null : collection(service, folder, seeded);
  }

  private static Added.File member(PathRecord seeded) {
    return new Added.File(seeded.path(), seeded.hash(), seeded.identity().sizeBytes());
  }

  private CompletableFuture<Added> file(Path file, FileFacts facts, Listener listener) {
    PathRecord row = store.path(file);
    if (row != null && row.identity().isSameState(facts.identity())) {
      return CompletableFuture.completedFuture(
          new Added.File(file, row.hash(), facts.identity().sizeBytes()));
    }
    String service = row == null ? ConfigReader.ADDED : row.service();
    ProgressListener progress = (done, total) -> listener.progress(0, 1, done, total);
    return importer
        .importAdded(file, service, progress)
        .thenApply(result -> added(file, service, result));
  }

  private Added added(Path file, String service, Importer.Result result) {
    PathRecord record = result.record();
    if (record != null) {
      if (service.equals(ConfigReader.ADDED)) {
        followed.accept(file);
      }
      return new Added.File(file, record.hash(), record.identity().sizeBytes());
    }
    return switch (result.event()) {
      case PathEvent.Rejected(String why) -> new Added.Refused(file, why);
      case PathEvent.Failed(String why) -> new Added.Failed(file, why);
      default -> new Added.Failed(file, "it is being written to; try again when it is finished");
    };
  }

  private Added folder(Path folder, Listener listener) {
    List<Added.File> added = new ArrayList<>();
    try {
      for (Added each : importAll(walk(folder, listener), listener)) {
        switch (each) {
          case Added.File file -> added.add(file);
          case Added.Refused(Path path, String why) -> listener.skipped(path, why);
          case Added.Absent(Path path) -> listener.skipped(path, "it vanished meanwhile");
          case Added.Failed failed -> {
            return failed;
          }
          case Added.Folder _ -> throw new IllegalStateException("a folder among files");
        }
      }
    } catch (IOException e) {
      return new Added.Failed(folder, "it cannot be listed: " + Reasons.of(e));
    }
    return added.isEmpty()
        ? new Added.Refused(folder, "it holds no file that can be seeded")
        : collection(folder, added);
  }

  private Added collection(Path path, List<Added.File> members) {
    return collection(ConfigReader.ADDED, path, members);
  }

  private Added.Folder collection(String service, Path path, List<Added.File> members) {
    Path parent = path.getParent();
    List<NamedHash> entries = new ArrayList<>();
    long bytes = 0;
    for (Added.File member : members) {
      Path relative =
          parent == null ? path.relativize(member.path()) : parent.relativize(member.path());
      List<String> parts = new ArrayList<>();
      relative.forEach(part -> parts.add(part.toString()));
      entries.add(new NamedHash(String.join("/", parts), member.hash()));
      bytes += member.sizeBytes();
    }
    entries.sort(BY_NAME);
    Hash root = store.storeCollection(service, path, entries);
    return new Added.Folder(path, root, entries.size(), bytes);
  }

  private List<Added> importAll(List<Found> found, Listener listener) {
    long totalBytes = found.stream().mapToLong(Found::sizeBytes).sum();
    AtomicLong filesDone = new AtomicLong();
    AtomicLong bytesDone = new AtomicLong();
    List<Future<Read>> reads = new ArrayList<>();
    for (Found each : found) {
      reads.add(
          pool.submit(() -> {
            AtomicLong counted = new AtomicLong();
            CompletableFuture<Added> added =
                one(
                    each,
                    new Counting(
                        listener, counted, bytesDone, filesDone, found.size(), totalBytes));
            bytesDone.addAndGet(each.sizeBytes() - counted.get());
            listener.progress(
                filesDone.incrementAndGet(), found.size(), bytesDone.get(), totalBytes);
            return new Read(added);
          }));
    }
    List<Added> result = new ArrayList<>();
    for (int i = 0; i < reads.size(); i++) {
      result.add(join(found.get(i).path(), reads.get(i)));
    }
    return result;
  }

  /** Adds up the bytes of many files that are read at once. */
  private record Counting(
      Listener listener,
      AtomicLong counted,
      AtomicLong bytesDone,
      AtomicLong filesDone,
      long filesTotal,
      long bytesTotal)
      implements Listener {
    @Override
    public void progress(long files, long total, long done, long size) {
      long delta = done - counted.getAndSet(done);
      listener.progress(filesDone.get(), filesTotal, bytesDone.addAndGet(delta), bytesTotal);
    }

    @Override
    public void skipped(Path path, String why) {
      listener.skipped(path, why);
    }
  }

  private CompletableFuture<Added> one(Found found, Listener listener) {
    try {
      return file(found.path(), files.facts(found.path()), listener);
    } catch (IOException e) {
      return CompletableFuture.completedFuture(
          Reasons.isAbsence(e)
              ? new Added.Absent(found.path())
              : new Added.Failed(found.path(), "it cannot be looked at: " + Reasons.of(e)));
    }
  }

  private static Added join(Path path, Future<Read> future) {
    try {
      return future.get().added().get();
    } catch (ExecutionException e) {
      return new Added.Failed(path, String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Added.Failed(path, "the daemon stops");
    }
  }

  private List<Found> walk(Path root, Listener listener) throws IOException {
    List<Found> found = new ArrayList<>();
    Deque<Path> folders = new ArrayDeque<>(List.of(root));
    while (!folders.isEmpty()) {
      Path folder = folders.removeLast();
      String database = DatabaseFolders.database(name -> exists(folder.resolve(name)));
      if (database != null) {
        listener.skipped(folder, "it is " + database + "; such folders are never seeded");
        continue;
      }
      try (DirectoryStream<Path> entries = files.list(folder)) {
        for (Path entry : entries) {
          entry(entry, root, found, folders, listener);
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    return found;
  }

  private void entry(
      Path entry, Path root, List<Found> found, Deque<Path> folders, Listener listener)
      throws IOException {
    FileFacts facts = files.facts(entry);
    switch (facts.kind()) {
      case REGULAR -> {
        if (String.valueOf(entry.getFileName()).indexOf('\\') >= 0) {
          listener.skipped(entry, "a name in a collection cannot hold '\\'");
        } else {
          found.add(new Found(entry, facts.identity().sizeBytes()));
        }
      }
      case FOLDER -> {
        if (root.relativize(entry).getNameCount() > SeedingLimits.MAX_DEPTH) {
          throw new IOException("folders lie deeper than " + SeedingLimits.MAX_DEPTH);
        }
        folders.add(entry);
      }
      case LINK, SPECIAL -> listener.skipped(entry, Importer.kindReason(facts.kind()));
    }
    if (found.size() > SeedingLimits.MAX_COLLECTION_FILES) {
      throw new IOException("it holds more than " + SeedingLimits.MAX_COLLECTION_FILES + " files");
    }
  }

  private boolean exists(Path path) {
    try {
      files.facts(path);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
