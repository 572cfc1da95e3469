package org.veilor.seed.store.cache;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/**
 * What the cache holds and what has to go: entries, admission, budget and ranking together. It
 * touches no file itself, so that a simulation can run it.
 *
 * <p>One lock; files are deleted outside of it, by the thread that needs the room, and the budget
 * gets their bytes only afterwards. So what is reserved and what lies on the disk together never
 * exceed the budget.
 */
final class CacheIndex {
  /** The files behind the entries. */
  interface Files {
    /** Deletes all files of an entry that nobody reads or writes. */
    void delete(CacheEntry entry) throws IOException;

    /** The last lease of an entry that is leaving has ended: call {@link CacheIndex#delete}. */
    void deleteLater(CacheEntry entry);

    /** An entry that was visible leaves. Without the lock. */
    void left(Hash hash, Removal why);
  }

  /** Rules of admission. */
  record Rules(long nowMillis, int largestPercent, int secondRequestPercent) {}

  /** What {@link #claim} says. */
  sealed interface Claim {
    /** The entry is the caller's to write; it must be finished or dropped. */
    record Granted(CacheEntry entry) implements Claim {}

    /** Nothing to write. */
    record Answered(Opening opening) implements Claim {}
  }

  /** Bytes that a writer reserves for a blob of a size. */
  @FunctionalInterface
  interface Reservation {
    long bytes(long sizeBytes);
  }

  private record Victim(CacheEntry entry, Removal why, boolean wasVisible) {}

  private final DiskBudget budget;
  private final CacheRanking ranking;
  private final Files files;
  private final Reservation reservation;
  private final Map<Hash, CacheEntry> entries = new HashMap<>();
  private final Set<Hash> pins = new HashSet<>();
  private final Set<CacheEntry> dirty = new HashSet<>();
  private final GhostList ghosts =
      new GhostList(CacheLimits.GHOSTS, CacheLimits.SECOND_REQUEST_WITHIN.toMillis());
  private final Map<Opening.Reason, Long> notKept = new EnumMap<>(Opening.Reason.class);
  private final Map<Removal, Long> removed = new EnumMap<>(Removal.class);
  private final Map<Removal, Long> removedBytes = new EnumMap<>(Removal.class);
  private int deleting;
  private long hits;
  private long misses;
  private long commits;
  private boolean diskFull;
  private @Nullable String lastError;

  CacheIndex(DiskBudget budget, Files files, Reservation reservation) {
    this.budget = budget;
    this.files = files;
    this.reservation = reservation;
    this.ranking = new CacheRanking(budget.maxBytes());
  }

  /**
   * Takes what was found on the disk, with its accounted bytes, and replays the ranking: coldest
   * first, then its accesses, which gave the best hit rate of all orders.
   */
  synchronized void load(List<CacheEntry> found) {
    List<CacheEntry> ordered = new ArrayList<>(found);
    ordered.sort(Comparator.comparingLong(entry -> entry.lastAccessMillis));
    long bytes = 0;
    for (CacheEntry entry : ordered) {
      entries.put(entry.hash, entry);
      bytes += entry.accountedBytes;
    }
    budget.add(bytes);
    boundRanking();
    ordered.forEach(this::rank);
    for (CacheEntry entry : ordered) {
      int replayed = Math.min(entry.accesses - 1, CacheLimits.REPLAYED_ACCESSES);
      for (int i = 0; i < replayed; i++) {
        ranking.touch(entry.hash);
      }
    }
  }

  /** Takes over the first requests of before. */
  synchronized void loadGhosts(byte[] encoded) {
    ghosts.load(encoded);
  }

  /** The first requests to write down, or null if there are no new ones. */
  synchronized byte @Nullable [] takeGhosts() {
    return ghosts.takeChanged();
  }

  private void boundRanking() {
    ranking.setMaxBytes(Math.max(budget.maxBytes(), budget.usedBytes()));
  }

  private void rank(CacheEntry entry) {
    if (!pins.contains(entry.hash)) {
      ranking.add(entry);
    }
  }

  /** Asks to write a blob. */
  Claim claim(Hash hash, long sizeBytes, Purpose purpose, Rules rules) {
    CacheEntry entry;
    boolean isNew;
    long needed;
    synchronized (this) {
      entry = settled(hash);
      isNew = entry == null;
      if (entry != null) {
        switch (entry.state) {
          case COMPLETE -> {
            return new Claim.Answered(new Opening.Complete());
          }
          case WRITING -> {
            return new Claim.Answered(new Opening.Busy());
          }
          case LEAVING -> {
            return refused(Opening.Reason.BEING_REMOVED);
          }
          case PARTIAL -> {}
        }
        Bitfield present = entry.bitfield;
        if (present == null || !present.isSizeProven()) {
          entry.sizeBytes = sizeBytes;
        }
      } else {
        Opening.Reason reason = refusal(hash, sizeBytes, purpose, rules);
        if (reason != null) {
          return refused(reason);
        }
        entry = new CacheEntry(hash, sizeBytes, CacheEntry.State.WRITING);
        entries.put(hash, entry);
      }
      entry.state = CacheEntry.State.WRITING;
      ranking.remove(hash);
      needed = Math.max(0, reservation.bytes(entry.sizeBytes) - entry.accountedBytes);
      entry.writtenBytes = entry.accountedBytes;
    }
    if (reserve(needed)) {
      synchronized (this) {
        entry.accountedBytes += needed;
        ghosts.forget(hash);
      }
      return new Claim.Granted(entry);
    }
    return takenBack(entry, isNew, needed);
  }

  private Claim takenBack(CacheEntry entry, boolean isNew, long needed) {
    boolean floor = budget.overBudget(needed) <= 0;
    boolean condemned;
    synchronized (this) {
      condemned = !isNew && entry.condemned != null;
      if (isNew) {
        entries.remove(entry.hash);
      } else if (!condemned) {
        Bitfield present = entry.bitfield;
        entry.sizeBytes = present == null ? entry.sizeBytes : present.sizeBytes();
        entry.state = CacheEntry.State.PARTIAL;
        rank(entry);
      }
      notifyAll();
    }
    if (condemned) {
      dropped(entry, 0);
    }
    return refused(floor ? Opening.Reason.DISK_FULL : Opening.Reason.NO_ROOM);
  }

  /** The entry, after waiting for a deletion that is under way. */
  private synchronized @Nullable CacheEntry settled(Hash hash) {
    boolean interrupted = false;
    CacheEntry entry = entries.get(hash);
    while (entry != null
        && entry.state == CacheEntry.State.LEAVING
        && entry.leases == 0
        && !entry.stuck) {
      interrupted |= !waitForChange();
      entry = entries.get(hash);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return entry;
  }

  /** Waits for {@code notifyAll}; false if the thread was interrupted. */
  @SuppressWarnings("WaitNotInLoop") // every caller loops
  private synchronized boolean waitForChange() {
    try {
      wait();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private Opening.@Nullable Reason refusal(
      Hash hash, long sizeBytes, Purpose purpose, Rules rules) {
    if (diskFull) {
      return Opening.Reason.DISK_FULL;
    }
    if (!Bitfield.canHold(sizeBytes) || sizeBytes > budget.maxBytes()) {
      return Opening.Reason.TOO_LARGE;
    }
    if (purpose == Purpose.PIN || pins.contains(hash)) {
      return null;
    }
    if (sizeBytes > share(rules.largestPercent)) {
      return Opening.Reason.TOO_LARGE;
    }
    return sizeBytes > share(rules.secondRequestPercent) && !ghosts.isSecond(hash, rules.nowMillis)
        ? Opening.Reason.SECOND_REQUEST_NEEDED
        : null;
  }

  /** Whether a blob that is being written may have this size after all. */
  synchronized boolean mayHave(Hash hash, long sizeBytes, Purpose purpose, Rules rules) {
    return Bitfield.canHold(sizeBytes)
        && (purpose == Purpose.PIN
            || pins.contains(hash)
            || sizeBytes <= share(rules.largestPercent));
  }

  private long share(int percent) {
    return budget.maxBytes() / 100 * percent;
  }

  private synchronized Claim refused(Opening.Reason reason) {
    notKept.merge(reason, 1L, Long::sum);
    return new Claim.Answered(new Opening.NotKept(reason));
  }

  /** Reserves bytes beyond those of an entry that is being written. */
  boolean reserveMore(CacheEntry entry, long bytes) {
    if (!reserve(bytes)) {
      return false;
    }
    synchronized (this) {
      entry.accountedBytes += bytes;
    }
    return true;
  }

  /** Reserves bytes, evicting what is coldest. Only for the caller's own keeping. */
  boolean reserve(long bytes) {
    boolean interrupted = false;
    try {
      while (true) {
        List<Victim> victims;
        synchronized (this) {
          if (budget.tryReserve(bytes)) {
            return true;
          }
          victims = victims(bytes);
          if (victims.isEmpty()) {
            if (deleting == 0) {
              return false;
            }
            interrupted |= !waitForChange();
          }
        }
        victims.forEach(this::deleteVictim);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Some of a reservation without an entry is written. */
  void temporaryWritten(long bytes) {
    budget.written(bytes);
  }

  /** A reservation without an entry ends, and its file is gone. */
  void temporaryGone(long reservedBytes, long writtenBytes) {
    budget.settle(reservedBytes, writtenBytes, 0);
  }

  /**
   * A reservation of the cache's own ends.
   *
   * @param actualBytes by which the disk is fuller now
   */
  void settle(long reservedBytes, long actualBytes) {
    budget.settle(reservedBytes, 0, actualBytes);
  }

  /** Whether the file system has so much room beyond {@code min_free}. */
  boolean hasFree(long bytes) {
    return budget.underFloor(bytes) <= 0;
  }

  /** Lets the coldest go until the limits hold again. */
  void shrink() {
    reserve(0);
  }

  /** Chooses what has to go for {@code bytes}: nothing if that would not suffice. */
  private List<Victim> victims(long bytes) {
    long shortage = budget.shortageBytes(bytes);
    boolean budgetIsFull = budget.overBudget(bytes) > 0;
    long lowWater = budget.maxBytes() / 100 * (100 - CacheLimits.LOW_WATER_PERCENT);
    long wanted = budgetIsFull ? Math.max(shortage, budget.overBudget(bytes) + lowWater) : shortage;
    List<CacheEntry> coldest = ranking.coldest(wanted, entry -> entry.leases == 0);
    long sum = 0;
    for (CacheEntry entry : coldest) {
      sum += entry.accountedBytes;
    }
    // A floor that cannot be reached is still approached when the limits are broken already.
    if (sum < shortage && bytes > 0) {
      return List.of();
    }
    List<Victim> victims = new ArrayList<>();
    for (CacheEntry entry : coldest) {
      victims.add(leaving(entry, budgetIsFull ? Removal.EVICTED : Removal.FREE_SPACE));
    }
    return victims;
  }

  /** Hides an entry that is neither written nor LEAVING, and counts its deletion as under way. */
  private Victim leaving(CacheEntry entry, Removal why) {
    boolean wasVisible = entry.isVisible();
    entry.state = CacheEntry.State.LEAVING;
    ranking.remove(entry.hash);
    dirty.remove(entry);
    removed.merge(why, 1L, Long::sum);
    removedBytes.merge(why, entry.accountedBytes, Long::sum);
    if (entry.leases == 0) {
      deleting++;
    }
    return new Victim(entry, why, wasVisible);
  }

  private void deleteVictim(Victim victim) {
    if (victim.wasVisible) {
      files.left(victim.entry.hash, victim.why);
    }
    deleteFiles(victim.entry);
  }

  /** Deletes the files of an entry that is counted in {@link #deleting}. */
  private void deleteFiles(CacheEntry entry) {
    boolean gone = false;
    String error = null;
    try {
      files.delete(entry);
      gone = true;
    } catch (IOException e) {
      error = "a file of the cache cannot be deleted: " + e;
    } finally {
      deleted(entry, gone, error);
    }
  }

  private synchronized void deleted(CacheEntry entry, boolean gone, @Nullable String error) {
    deleting--;
    if (gone) {
      budget.release(entry.accountedBytes);
      entries.remove(entry.hash);
    } else {
      entry.stuck = true;
      lastError = error;
    }
    notifyAll();
  }

  /** Deletes what {@link Files#deleteLater} named, or what could not be deleted before. */
  void delete(CacheEntry entry) {
    synchronized (this) {
      if (entry.state != CacheEntry.State.LEAVING
          || entry.leases > 0
          || entries.get(entry.hash) != entry) {
        return;
      }
      deleting++;
      entry.stuck = false;
    }
    deleteFiles(entry);
  }

  /** Entries whose deletion failed. */
  synchronized List<CacheEntry> stuck() {
    return entries.values().stream().filter(entry -> entry.stuck).toList();
  }

  /** Removes a blob; one that is being written is removed when its writer closes. */
  boolean remove(Hash hash, Removal why) {
    Victim victim;
    boolean now;
    synchronized (this) {
      CacheEntry entry = entries.get(hash);
      if (entry == null || entry.state == CacheEntry.State.LEAVING) {
        return false;
      }
      if (entry.state == CacheEntry.State.WRITING) {
        boolean wasVisible = entry.isVisible();
        boolean first = entry.condemned == null;
        entry.condemned = why;
        victim = first ? new Victim(entry, why, wasVisible) : null;
        now = false;
      } else {
        victim = leaving(entry, why);
        now = entry.leases == 0;
      }
    }
    if (victim != null && victim.wasVisible) {
      files.left(hash, why);
    }
    if (now && victim != null) {
      deleteFiles(victim.entry);
    }
    return true;
  }

  /** Part of what was reserved has been written. */
  void written(CacheEntry entry, long bytes) {
    long counted;
    synchronized (this) {
      counted = Math.min(bytes, entry.accountedBytes - entry.writtenBytes);
      entry.writtenBytes += counted;
    }
    budget.written(counted);
  }

  /**
   * The writer has ended and the entry stays.
   *
   * @param state PARTIAL or COMPLETE
   * @param actualBytes allocated for its files
   * @param grownBytes by which its folder grew
   */
  void finished(CacheEntry entry, CacheEntry.State state, long actualBytes, long grownBytes) {
    boolean now = false;
    synchronized (this) {
      budget.settle(entry.accountedBytes, entry.writtenBytes, actualBytes + grownBytes);
      entry.accountedBytes = actualBytes;
      entry.writtenBytes = 0;
      entry.state = state;
      if (state == CacheEntry.State.COMPLETE) {
        commits++;
      }
      Removal condemned = entry.condemned;
      if (condemned != null) {
        leaving(entry, condemned);
        now = entry.leases == 0;
      } else {
        rank(entry);
      }
      notifyAll();
    }
    if (now) {
      deleteFiles(entry);
    }
  }

  /**
   * The writer has ended and the entry goes.
   *
   * @param grownBytes by which its folder grew
   */
  void dropped(CacheEntry entry, long grownBytes) {
    boolean now;
    boolean wasVisible;
    synchronized (this) {
      wasVisible = entry.isVisible();
      budget.settle(entry.accountedBytes, entry.writtenBytes, entry.accountedBytes);
      entry.accountedBytes -= grownBytes; // the folder keeps them
      entry.state = CacheEntry.State.LEAVING;
      now = entry.leases == 0;
      if (now) {
        deleting++;
      }
    }
    if (wasVisible) {
      files.left(entry.hash, Removal.REQUESTED);
    }
    if (now) {
      deleteFiles(entry);
    }
  }

  /** A lease on what may be read by others, or null. Counts as an access. */
  synchronized @Nullable CacheEntry lease(Hash hash, boolean onlyComplete, long nowMillis) {
    CacheEntry entry = entries.get(hash);
    if (entry == null
        || !entry.isVisible()
        || (onlyComplete && entry.state != CacheEntry.State.COMPLETE)) {
      misses++;
      return null;
    }
    hits++;
    entry.leases++;
    touch(entry, nowMillis);
    return entry;
  }

  /** A lease on what is complete and was used lately, or null, which counts as nothing. */
  synchronized @Nullable CacheEntry leaseWarm(Hash hash, long nowMillis) {
    CacheEntry entry = entries.get(hash);
    return entry != null
            && entry.accesses > 0
            && Math.abs(nowMillis - entry.lastAccessMillis) < CacheLimits.WARM.toMillis()
            && entry.state == CacheEntry.State.COMPLETE
        ? lease(hash, true, nowMillis)
        : null;
  }

  /** A lease for the writer's own readers. */
  synchronized void lease(CacheEntry entry) {
    entry.leases++;
  }

  /** Counts an access, unless the last one is very recent. */
  synchronized void touch(CacheEntry entry, long nowMillis) {
    if (entry.accesses > 0
        && Math.abs(nowMillis - entry.lastAccessMillis) < CacheLimits.ONE_ACCESS.toMillis()) {
      return;
    }
    entry.lastAccessMillis = nowMillis;
    entry.accesses = Math.min(CacheLimits.ACCESSES, entry.accesses + 1);
    dirty.add(entry);
    ranking.touch(entry.hash);
  }

  void release(CacheEntry entry) {
    boolean last;
    synchronized (this) {
      entry.leases--;
      last = entry.leases == 0 && entry.state == CacheEntry.State.LEAVING;
    }
    if (last) {
      files.deleteLater(entry);
    }
  }

  synchronized boolean isComplete(Hash hash) {
    CacheEntry entry = entries.get(hash);
    return entry != null && entry.state == CacheEntry.State.COMPLETE;
  }

  /** Pins; whether it was not pinned before. */
  synchronized boolean pin(Hash hash) {
    ranking.remove(hash);
    return pins.add(hash);
  }

  /** Ends a pin; whether there was one. */
  synchronized boolean unpin(Hash hash) {
    if (!pins.remove(hash)) {
      return false;
    }
    CacheEntry entry = entries.get(hash);
    if (entry != null
        && (entry.state == CacheEntry.State.COMPLETE || entry.state == CacheEntry.State.PARTIAL)) {
      ranking.add(entry);
    }
    return true;
  }

  synchronized boolean isPinned(Hash hash) {
    return pins.contains(hash);
  }

  synchronized List<Hash> pins() {
    return List.copyOf(pins);
  }

  /** The entries whose accesses changed since the last call. */
  synchronized List<CacheEntry> takeDirty() {
    List<CacheEntry> taken = List.copyOf(dirty);
    dirty.clear();
    return taken;
  }

  void setLimits(long maxBytes, long minFreeBytes) {
    budget.setLimits(maxBytes, minFreeBytes);
    shrink();
    synchronized (this) {
      boundRanking();
    }
  }

  synchronized void diskFull(boolean full) {
    diskFull = full;
  }

  synchronized boolean isDiskFull() {
    return diskFull;
  }

  synchronized void failed(String sentence) {
    lastError = sentence;
  }

  /** Something was not kept for a reason found outside of {@link #claim}. */
  Opening notKept(Opening.Reason reason) {
    return ((Claim.Answered) refused(reason)).opening;
  }

  /** All that are not leaving, as they are now. */
  synchronized List<CachedBlob> snapshot() {
    List<CachedBlob> all = new ArrayList<>(entries.size());
    for (CacheEntry entry : entries.values()) {
      if (entry.state != CacheEntry.State.LEAVING) {
        all.add(view(entry));
      }
    }
    return all;
  }

  /** One of them, or null. */
  synchronized @Nullable CachedBlob blob(Hash hash) {
    CacheEntry entry = entries.get(hash);
    return entry == null || entry.state == CacheEntry.State.LEAVING ? null : view(entry);
  }

  private CachedBlob view(CacheEntry entry) {
    Bitfield present = entry.bitfield;
    return new CachedBlob(
        entry.hash,
        entry.sizeBytes,
        entry.accountedBytes,
        entry.state == CacheEntry.State.COMPLETE
            ? entry.sizeBytes
            : present == null ? 0 : present.presentBytes(),
        entry.state == CacheEntry.State.WRITING,
        pins.contains(entry.hash),
        entry.lastAccessMillis,
        entry.accesses,
        entry.leases);
  }

  synchronized CacheStats stats() {
    Map<CacheEntry.State, Integer> count = new EnumMap<>(CacheEntry.State.class);
    int leases = 0;
    int pinned = 0;
    for (CacheEntry entry : entries.values()) {
      count.merge(entry.state, 1, Integer::sum);
      leases += entry.leases;
      pinned += pins.contains(entry.hash) ? 1 : 0;
    }
    int writers = count.getOrDefault(CacheEntry.State.WRITING, 0);
    return new CacheStats(
        budget.maxBytes(),
        budget.minFreeBytes(),
        budget.usedBytes(),
        budget.freeBytes(),
        count.getOrDefault(CacheEntry.State.COMPLETE, 0),
        count.getOrDefault(CacheEntry.State.PARTIAL, 0) + writers,
        writers,
        pinned,
        leases,
        hits,
        misses,
        commits,
        Map.copyOf(notKept),
        Map.copyOf(removed),
        Map.copyOf(removedBytes),
        diskFull,
        lastError);
  }
}
