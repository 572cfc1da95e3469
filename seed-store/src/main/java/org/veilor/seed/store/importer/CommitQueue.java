package org.veilor.seed.store.importer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.store.StoreLimits;
import org.veilor.seed.store.file.OutboardFiles;
import org.veilor.seed.store.meta.MetaException;
import org.veilor.seed.store.meta.MetaStore;
import org.veilor.seed.store.meta.MetaTransaction;

/**
 * The only writer of the database: one thread that takes all changes that wait, applies them to one
 * transaction, and syncs once for all of them (group commit). While it syncs, the next group
 * gathers, so many small imports share few syncs and a lone one does not wait.
 *
 * <p>Order within a group: outboards get their names, their folders are synced, the transaction is
 * committed, then whoever waits is told. A kill between any two leaves at most an orphan outboard.
 */
public final class CommitQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitQueue.class);

  /** One change of the database. */
  @FunctionalInterface
  public interface Change {
    /**
     * Reads and writes rows. If it throws, its writes are taken back, other changes are not
     * touched.
     *
     * @param unsynced receives folders that must be synced before the commit
     * @return runs on the committer when the change is durable, and only then
     */
    Runnable apply(MetaTransaction transaction, Collection<Path> unsynced)
        throws MetaException, IOException;
  }

  /** What the owner of the queue does on the committer thread. */
  public interface Owner {
    /** After each group. */
    void betweenGroups();

    /** The database turned out damaged. */
    void damaged(MetaException cause);
  }

  /** How often who waits for room looks whether the committer still lives. */
  private static final int LOOK_MILLIS = 1000;

  private record Waiting(Change change, boolean durable, CompletableFuture<Void> done) {}

  private record Applied(Waiting waiting, Runnable afterCommit) {}

  private final MetaStore meta;
  private final OutboardFiles outboards;
  private final Owner owner;
  private final BlockingQueue<Waiting> queue =
      new ArrayBlockingQueue<>(StoreLimits.WAITING_CHANGES);
  private final ReentrantLock intake = new ReentrantLock();
  private final Thread committer;
  private boolean closed;
  private volatile boolean stopping;
  private volatile boolean dead;

  public CommitQueue(MetaStore meta, OutboardFiles outboards, Owner owner) {
    this.meta = meta;
    this.outboards = outboards;
    this.owner = owner;
    committer = Thread.ofPlatform().daemon().name("store-committer").unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    committer.start();
  }

  /**
   * Hands in a change; waits while too many wait already.
   *
   * @param durable whether it has to survive a power failure before the future completes; if no
   *     change of a group has to, the group is not synced
   * @return completes on the committer, or exceptionally with a {@link MetaException} or an {@link
   *     IOException}; nothing of the change was kept then
   */
  public CompletableFuture<Void> submit(Change change, boolean durable) {
    Waiting waiting = new Waiting(change, durable, new CompletableFuture<>());
    intake.lock();
    try {
      boolean taken = false;
      while (!taken && !closed && !dead) {
        taken = queue.offer(waiting, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
      if (!taken || dead) {
        waiting.done.completeExceptionally(closedException());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      waiting.done.completeExceptionally(new IOException("interrupted before the commit", e));
    } finally {
      intake.unlock();
    }
    return waiting.done;
  }

  /** Number of changes that wait for the next group. */
  public int waiting() {
    return queue.size();
  }

  /** Lets the committer call {@link Owner#betweenGroups()} soon. Never waits. */
  public void wake() {
    boolean taken = queue.offer(nothing());
    if (!taken) {
      LOG.trace("the committer is busy and will look by itself");
    }
  }

  private static Waiting nothing() {
    return new Waiting((transaction, unsynced) -> () -> {}, false, new CompletableFuture<>());
  }

  private void run() {
    List<Waiting> group = new ArrayList<>();
    try {
      while (!stopping || !queue.isEmpty()) {
        runGroup(group);
      }
    } finally {
      // Reached early only by an Error: better a store that says it is closed than one that hangs.
      dead = true;
      queue.drainTo(group);
      fail(group, closedException());
    }
  }

  private void runGroup(List<Waiting> group) {
    try {
      group.add(queue.take());
    } catch (InterruptedException e) {
      LOG.warn("the committer was interrupted; it goes on until the store is closed");
      return;
    }
    queue.drainTo(group, StoreLimits.GROUPED_CHANGES - 1);
    commit(group);
    group.clear();
    owner.betweenGroups();
  }

  private static MetaException closedException() {
    return new MetaException(MetaException.Kind.CLOSED, "the store is closed");
  }

  /** Commits one change at once; only on the committer thread. */
  public void commitHere(Change change, boolean durable) {
    commit(List.of(new Waiting(change, durable, new CompletableFuture<>())));
  }

  private void commit(List<Waiting> group) {
    List<Applied> applied = new ArrayList<>(group.size());
    Set<Path> unsynced = new LinkedHashSet<>();
    try (MetaTransaction transaction = meta.begin()) {
      for (Waiting waiting : group) {
        apply(waiting, transaction, unsynced, applied);
      }
      outboards.sync(unsynced);
      boolean durable = applied.stream().anyMatch(a -> a.waiting.durable);
      if (!transaction.isEmpty()) {
        transaction.commit(durable);
      }
    } catch (MetaException | IOException | RuntimeException e) {
      fail(group, e);
      return;
    }
    for (Applied one : applied) {
      one.afterCommit.run();
      one.waiting.done.complete(null);
    }
  }

  private void apply(
      Waiting waiting, MetaTransaction transaction, Set<Path> unsynced, List<Applied> applied)
      throws MetaException {
    transaction.mark();
    try {
      applied.add(new Applied(waiting, waiting.change.apply(transaction, unsynced)));
    } catch (MetaException | IOException | RuntimeException e) {
      transaction.takeBack();
      fail(List.of(waiting), e);
    }
  }

  private void fail(List<Waiting> group, Exception cause) {
    if (cause instanceof MetaException e && e.kind() == MetaException.Kind.DAMAGED) {
      owner.damaged(e);
    } else if (cause instanceof RuntimeException) {
      LOG.error("a change failed on a mistake of this program", cause);
    }
    for (Waiting waiting : group) {
      waiting.done.completeExceptionally(cause);
    }
  }

  /** Takes no more changes, commits those that wait, ends the thread. */
  @Override
  public void close() {
    intake.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      stopping = true;
      if (committer.isAlive()) {
        queue.put(nothing());
        committer.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("interrupted while the last changes were being committed");
    } finally {
      intake.unlock();
    }
  }
}
