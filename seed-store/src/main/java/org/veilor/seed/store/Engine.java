package org.veilor.seed.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.file.FileReason;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.importer.CommitQueue;
import org.veilor.seed.store.meta.Family;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;

/**
 * The parts of an open store and what happens between them on the committer thread: distrusted
 * paths lose their rows, dropped blobs their outboards, a damaged database is rebuilt.
 */
final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Edits rows in a transaction that is shared with others. */
  @FunctionalInterface
  interface Work {
    /** See {@link CommitQueue.Change#apply}. */
    void on(Edit edit, Collection<Path> unsynced) throws MetaException, IOException;
  }

  private final Path root;
  private final InstantSource clock;
  private final boolean withSha256;
  private final MetaStore meta;
  private final OutboardFiles outboards;
  private final Serving serving;
  private final CommitQueue queue;
  private final RefusalLog refusals;
  private final Totals totals = new Totals();
  private final Set<Hash> dropped = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable MetaException> damage = new AtomicReference<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final List<Consumer<Path>> changeListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> rebuildListeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable String lastError;
  private volatile @Nullable String rebuilt;

  Engine(Path root, MetaStore meta, OutboardFiles outboards, StoreOptions options) {
    this.root = root;
    this.clock = options.clock();
    this.withSha256 = options.withSha256();
    this.meta = meta;
    this.outboards = outboards;
    this.serving = new Serving(meta, outboards, options.openFiles(), new ServingOwner());
    this.queue = new CommitQueue(meta, outboards, new QueueOwner());
    this.refusals = new RefusalLog(meta);
  }

  /** A time in the names of files. */
  static String timestamp(InstantSource clock) {
    return TIMESTAMP.format(clock.instant());
  }

  Path root() {
    return root;
  }

  InstantSource clock() {
    return clock;
  }

  boolean withSha256() {
    return withSha256;
  }

  MetaStore meta() {
    return meta;
  }

  OutboardFiles outboards() {
    return outboards;
  }

  Serving serving() {
    return serving;
  }

  RefusalLog refusals() {
    return refusals;
  }

  Totals totals() {
    return totals;
  }

  @Nullable String lastError() {
    return lastError;
  }

  @Nullable String rebuilt() {
    return rebuilt;
  }

  int waitingChanges() {
    return queue.waiting();
  }

  void onContentChanged(Consumer<Path> listener) {
    changeListeners.add(listener);
  }

  void onRebuilt(Runnable listener) {
    rebuildListeners.add(listener);
  }

  /** Starts the committer. */
  void start() {
    queue.start();
  }

  private final class ServingOwner implements Serving.Owner {
    @Override
    public void distrusted() {
      wake();
    }

    @Override
    public void released(Hash hash) {
      if (dropped.contains(hash)) {
        wake();
      }
    }

    @Override
    public void failed(MetaException cause) {
      readFailed(cause);
    }
  }

  private final class QueueOwner implements CommitQueue.Owner {
    @Override
    public void betweenGroups() {
      woken.set(false);
      MetaException found = damage.get();
      if (found != null) {
        rebuild(found);
      }
      dropDistrusted();
      reclaimDropped();
    }

    @Override
    public void damaged(MetaException cause) {
      damage.compareAndSet(null, cause);
    }
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      queue.wake();
    }
  }

  /** A read failed; damage leads to a rebuild soon. */
  void readFailed(MetaException cause) {
    lastError = sentence(cause);
    if (cause.kind() == MetaException.Kind.DAMAGED && damage.compareAndSet(null, cause)) {
      wake();
    }
  }

  /**
   * Edits rows on the committer thread.
   *
   * @param durable see {@link CommitQueue#submit}
   */
  CompletableFuture<Void> edit(Work work, boolean durable) {
    return queue.submit(
        (transaction, unsynced) -> {
          Edit edit = new Edit(transaction);
          work.on(edit, unsynced);
          return () -> committed(edit);
        },
        durable);
  }

  private void committed(Edit edit) {
    totals.add(edit.change());
    dropped.addAll(edit.dropped());
  }

  /** The blob's outboard is to be deleted, unless a row needs it after all. */
  void reclaim(Hash hash) {
    dropped.add(hash);
    wake();
  }

  /** Remembers a failure for {@code status}. */
  void failed(String sentence) {
    lastError = sentence;
    LOG.warn("{}", sentence);
  }

  /** What went wrong and what to do about it. */
  String sentence(@Nullable Throwable cause) {
    if (cause instanceof MetaException e) {
      return switch (e.kind()) {
        case FULL -> full();
        case CLOSED -> "the store in " + root + " is closed";
        case DAMAGED ->
            "the database in " + root + " is damaged and is being rebuilt; import the file again";
        case NEWER ->
            "the database in " + root + " was written by a newer veilor-seed; run that one";
        case DENIED ->
            "the database in "
                + root
                + " may not be used ("
                + e.getMessage()
                + "); give this user the right to use it";
        case OTHER ->
            "the database in " + root + " fails (" + e.getMessage() + "); look at the disk";
      };
    }
    if (isFull(cause)) {
      return full();
    }
    if (cause instanceof IOException io) {
      String cure =
          io instanceof AccessDeniedException
              ? "give this user the right to write there"
              : "look at its disk";
      return "the state folder " + root + " cannot be written (" + FileReason.of(io) + "); " + cure;
    }
    return "the state folder " + root + " cannot be written (" + cause + "); look at its disk";
  }

  private String full() {
    return "the disk of the state folder "
        + root
        + " is full; make room, then it goes on by itself";
  }

  private static boolean isFull(@Nullable Throwable cause) {
    String text = cause instanceof FileSystemException e ? e.getReason() : null;
    String message = cause == null ? "" : String.valueOf(cause.getMessage());
    return String.valueOf(text).contains("No space left")
        || message.contains("No space left")
        || message.contains("quota exceeded");
  }

  private void dropDistrusted() {
    Map<Path, Serving.Distrust> all = serving.distrusted();
    if (all.isEmpty()) {
      return;
    }
    queue.commitHere(
        (transaction, _) -> {
          Edit edit = new Edit(transaction);
          List<Runnable> afterwards = new ArrayList<>();
          for (Map.Entry<Path, Serving.Distrust> entry : all.entrySet()) {
            Path path = entry.getKey();
            Serving.Distrust distrust = entry.getValue();
            PathRecord row = edit.dropPath(path, distrust.hash());
            afterwards.add(() -> distrustSettled(path, distrust, row));
          }
          return () -> {
            committed(edit);
            afterwards.forEach(Runnable::run);
          };
        },
        false);
  }

  private void distrustSettled(Path path, Serving.Distrust distrust, @Nullable PathRecord row) {
    serving.settled(path, distrust);
    if (row == null) {
      return;
    }
    LOG.info("{} no longer stands for {}: {}", path, row.hash(), distrust.why());
    refuse(new Refusal(row.service(), path, distrust.why(), clock.millis()));
    for (Consumer<Path> listener : changeListeners) {
      try {
        listener.accept(path);
      } catch (RuntimeException e) {
        LOG.error("a listener failed on a mistake of this program", e);
      }
    }
  }

  /** Remembers why a path is not seeded, as far as the database allows. */
  void refuse(Refusal refusal) {
    try {
      refusals.record(refusal);
    } catch (MetaException e) {
      readFailed(e);
    }
  }

  private void reclaimDropped() {
    for (Hash hash : List.copyOf(dropped)) {
      if (!serving.isFree(hash)) {
        continue;
      }
      dropped.remove(hash);
      try {
        if (meta.get(Family.BLOB, hash.toBytes()) == null) {
          meta.deleteUnsynced(Family.INLINE, Keys.inline(Keys.INLINE_DATA, hash));
          meta.deleteUnsynced(Family.INLINE, Keys.inline(Keys.INLINE_OUTBOARD, hash));
          outboards.delete(hash);
          serving.forgetOutboard(hash);
        }
        meta.deleteUnsynced(Family.META, Keys.dropped(hash));
      } catch (MetaException e) {
        readFailed(e);
      } catch (IOException e) {
        failed("the outboard of " + hash + " stays until the next start (" + e + ")");
      }
    }
  }

  private void rebuild(MetaException cause) {
    try {
      meta.rebuildEmpty(timestamp(clock));
      totals.reset();
      refusals.clear();
      dropped.clear();
      serving.forgetAllInline();
      noteRebuilt(String.valueOf(cause.getMessage()));
      meta.putUnsynced(Family.META, Keys.FORMAT, new byte[] {Rows.VERSION});
      damage.set(null);
    } catch (MetaException e) {
      failed(sentence(e));
      return;
    }
    rebuildListeners.forEach(Runnable::run);
  }

  /** Remembers, also over restarts, that the database had to be rebuilt. */
  void noteRebuilt(String why) throws MetaException {
    String note = "rebuilt from damage at " + clock.instant() + ": " + why;
    meta.putUnsynced(Family.META, Keys.REBUILT, note.getBytes(StandardCharsets.UTF_8));
    rebuilt = note;
  }

  /** Reads the state that a former process left. */
  void load(Set<Hash> droppedBefore) throws MetaException {
    dropped.addAll(droppedBefore);
    byte[] note = meta.get(Family.META, Keys.REBUILT);
    rebuilt = note == null ? null : new String(note, StandardCharsets.UTF_8);
    refusals.load();
  }

  /** Commits what waits, then frees files and native handles. */
  @Override
  public void close() throws IOException {
    queue.close();
    serving.close();
    meta.close();
  }
}
