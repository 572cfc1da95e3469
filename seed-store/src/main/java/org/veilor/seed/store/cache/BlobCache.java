package org.veilor.seed.store.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.store.StoreException;
import org.veilor.seed.store.file.FileReason;
import org.veilor.seed.store.file.OpenFiles;
import org.veilor.seed.store.file.StateLock;

/**
 * The disk cache: blobs that were fetched, complete and partial, below {@code cache} of the state
 * folder.
 *
 * <p>Room is reserved before the first byte is written, for everything that the blob will need; so
 * what the folder takes on the disk never exceeds the budget, and {@code min_free} of the file
 * system stays free. What is coldest goes first; pinned blobs and those that are being read or
 * written stay. The folder is all there is: no database knows of it
 * (docs/decisions/cache-budget.md).
 *
 * <p>Any thread may call any method. They block on files, so not from an event loop; closing a
 * reader does not.
 */
public final class BlobCache implements BlobCatalog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);
  private static final String FOLDER = "cache";
  private static final int PIN_LINE_BYTES = 2 * Hash.LENGTH + 1;

  /** A file of an entry; one that starts anew has others. */
  record FileKey(CacheEntry entry, int generation, boolean ofOutboard) {}

  private final StateLock lock;
  private final CacheFolder folder;
  private final CacheOptions options;
  private final Blocks blocks;
  private final CacheIndex index;
  private final OpenFiles<FileKey> openFiles;
  private final List<BiConsumer<Hash, Removal>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService background;
  private final Object pinning = new Object();
  private final RootFile pinFile;
  private final RootFile ghostFile;
  private volatile boolean closed;

  private BlobCache(
      StateLock lock, CacheFolder folder, CacheOptions options, Blocks blocks, DiskBudget budget) {
    this.lock = lock;
    this.folder = folder;
    this.options = options;
    this.blocks = blocks;
    this.index = new CacheIndex(budget, new EntryFiles(), blocks::writing);
    this.pinFile = new RootFile(folder, index, blocks, CacheFolder.PINS);
    this.ghostFile = new RootFile(folder, index, blocks, CacheFolder.GHOSTS);
    this.openFiles = new OpenFiles<>(CacheLimits.OPEN_FILES, this::openFile);
    this.background =
        Executors.newSingleThreadScheduledExecutor(
            work -> Thread.ofPlatform().name("cache").daemon().unstarted(work));
  }

  /**
   * Opens the cache of {@code stateDirectory}. Every file is looked at; what is not whole is
   * deleted, and when the budget is smaller than before, the coldest goes.
   *
   * @throws StoreException if it cannot be used; the message names the cure
   */
  public static BlobCache open(Path stateDirectory, CacheOptions options) throws StoreException {
    return open(stateDirectory, options, null);
  }

  /** As above, with another look at the free space. */
  static BlobCache open(
      Path stateDirectory, CacheOptions options, DiskBudget.@Nullable FreeSpace freeSpace)
      throws StoreException {
    Path root = stateDirectory.resolve(FOLDER);
    if (Files.isSymbolicLink(root)) {
      throw new StoreException(
          root
              + " is a symbolic link, which is not followed; mount the other file system there (a"
              + " bind mount will do)");
    }
    StateLock lock = StateLock.acquire(root);
    boolean opened = false;
    try {
      BlobCache cache = openLocked(lock, options, freeSpace);
      opened = true;
      return cache;
    } catch (IOException e) {
      throw new StoreException(
          "the cache folder "
              + root
              + " cannot be used ("
              + FileReason.of(e)
              + "); give this user the right to read and write everything there",
          e);
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

  private static BlobCache openLocked(
      StateLock lock, CacheOptions options, DiskBudget.@Nullable FreeSpace freeSpace)
      throws IOException {
    FileStore store = Files.getFileStore(lock.folder());
    int blockBytes = (int) Math.max(512, store.getBlockSize());
    CacheFolder folder = new CacheFolder(lock.folder(), AllocatedBytes.of(blockBytes));
    DiskBudget budget =
        new DiskBudget(
            options.maxBytes(),
            options.minFreeBytes(),
            freeSpace == null ? store::getUsableSpace : freeSpace);
    BlobCache cache = new BlobCache(lock, folder, options, new Blocks(blockBytes), budget);
    CacheSweep.Found found = new CacheSweep(folder).run();
    budget.add(found.otherBytes());
    cache.readPins();
    cache.index.loadGhosts(cache.ghostFile.read(GhostList.MAX_BYTES));
    cache.index.load(found.entries());
    cache.index.shrink();
    long tickMillis = CacheLimits.TICK.toMillis();
    var _ =
        cache.background.scheduleWithFixedDelay(
            cache::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
    return cache;
  }

  CacheFolder folder() {
    return folder;
  }

  CacheIndex index() {
    return index;
  }

  OpenFiles<FileKey> openFiles() {
    return openFiles;
  }

  CacheIndex.Rules rules() {
    return new CacheIndex.Rules(
        options.clock().millis(), options.largestPercent(), options.secondRequestPercent());
  }

  long reservationBytes(long sizeBytes) {
    return blocks.writing(sizeBytes);
  }

  private FileChannel openFile(FileKey key) throws IOException {
    return key.ofOutboard
        ? folder.open(key.entry.hash, CacheFolder.OUTBOARD, false)
        : folder.openContent(key.entry.hash);
  }

  /** Closes what is open of an entry, so that deleting it frees its room. */
  void forgetChannels(CacheEntry entry) throws IOException {
    openFiles.forget(new FileKey(entry, entry.generation, false));
    openFiles.forget(new FileKey(entry, entry.generation, true));
  }

  private final class EntryFiles implements CacheIndex.Files {
    @Override
    public void delete(CacheEntry entry) throws IOException {
      forgetChannels(entry);
      folder.delete(entry.hash);
    }

    @Override
    public void deleteLater(CacheEntry entry) {
      inBackground(() -> index.delete(entry));
    }

    @Override
    public void left(Hash hash, Removal why) {
      for (BiConsumer<Hash, Removal> listener : listeners) {
        try {
          listener.accept(hash, why);
        } catch (RuntimeException e) {
          LOG.error("a listener failed on a mistake of this program", e);
        }
      }
    }
  }

  /** Does something soon on the thread of the cache. */
  void inBackground(Runnable work) {
    try {
      background.execute(work);
    } catch (RejectedExecutionException e) {
      LOG.debug("the cache is closed; the next start sees to it", e);
    }
  }

  /** The disk is full: nothing new is kept until there is room again. */
  CacheFullException full(IOException cause) {
    if (cause instanceof CacheFullException known) {
      return known;
    }
    diskFull();
    failed("the disk of the cache is full", cause);
    return new CacheFullException("the disk of " + folder.root() + " is full", cause);
  }

  private void diskFull() {
    if (!index.isDiskFull()) {
      index.diskFull(true);
      lookForRoomLater();
    }
  }

  private void lookForRoomLater() {
    try {
      var _ =
          background.schedule(
              this::lookForRoom, CacheLimits.FULL_CHECK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the cache is closed; the next start sees to it", e);
    }
  }

  private void lookForRoom() {
    if (!hasRoom()) {
      lookForRoomLater();
    }
  }

  /** Whether the disk is not full, or not any more. */
  private boolean hasRoom() {
    if (index.isDiskFull() && index.hasFree(CacheLimits.FULL_UNTIL_FREE_BYTES)) {
      index.diskFull(false);
      LOG.info("the disk of {} has room again", folder.root());
    }
    return !index.isDiskFull();
  }

  /** Remembers a failure for {@code status}. */
  void failed(String what, IOException cause) {
    String sentence = what + " (" + FileReason.of(cause) + ")";
    index.failed(sentence);
    LOG.warn("{}", sentence);
  }

  /** What is done now and then: writes the ranking down, looks at the file system. */
  void tick() {
    try {
      writeRanking();
      writeGhosts();
      index.stuck().forEach(index::delete);
      index.shrink();
      var _ = hasRoom();
    } catch (RuntimeException e) {
      LOG.error("the cache's housekeeping failed on a mistake of this program", e);
    }
  }

  private void writeRanking() {
    for (CacheEntry entry : index.takeDirty()) {
      try {
        folder.writeAccess(entry.hash, entry.lastAccessMillis, entry.accesses);
      } catch (IOException e) {
        failed("the last access of " + entry.hash + " cannot be written down", e);
      }
    }
  }

  /**
   * Opens a blob, complete or partial: {@link org.veilor.seed.core.blob.BlobReader#presentChunks()}
   * tells. A partial one is only given once its size is proven. It stays as long as the reader is
   * open.
   */
  @Override
  public BlobLookup open(Hash hash) throws IOException {
    CacheEntry entry = index.lease(hash, false, options.clock().millis());
    return entry == null
        ? new BlobLookup.Missing()
        : new BlobLookup.Found(new CacheReader(this, entry));
  }

  /** Where a complete blob lies, or null. It may be deleted at any time: {@link #lease}. */
  public @Nullable Path completeFile(Hash hash) {
    return index.isComplete(hash) ? folder.file(hash, CacheFolder.DATA) : null;
  }

  /** Opens the file of a complete blob, or null if there is none. It stays until it is closed. */
  public @Nullable CachedFile lease(Hash hash) throws IOException {
    return leased(hash, index.lease(hash, true, options.clock().millis()));
  }

  /**
   * As {@link #lease}, but null where the file was not used lately: its folder, inode and bytes are
   * most likely in memory, so that an event loop may call this and send them.
   */
  public @Nullable CachedFile leaseWarm(Hash hash) throws IOException {
    return leased(hash, index.leaseWarm(hash, options.clock().millis()));
  }

  private @Nullable CachedFile leased(Hash hash, @Nullable CacheEntry entry) throws IOException {
    if (entry == null) {
      return null;
    }
    boolean leased = false;
    try {
      FileChannel channel = folder.open(hash, CacheFolder.DATA, false);
      Path path = folder.file(hash, CacheFolder.DATA);
      leased = true;
      return new CachedFile(path, channel, entry.sizeBytes, () -> index.release(entry));
    } catch (NoSuchFileException e) {
      remove(hash, Removal.DAMAGED);
      return null;
    } finally {
      if (!leased) {
        index.release(entry);
      }
    }
  }

  /**
   * Asks to write a blob. Room is made when needed: what is coldest is deleted by this thread. A
   * blob of which a part is here goes on from there.
   *
   * @param claimedSizeBytes as a provider says; large ones should be proven first, since room is
   *     made for them
   */
  public Opening begin(Hash hash, long claimedSizeBytes, Purpose purpose) {
    if (claimedSizeBytes < 0) {
      throw new IllegalArgumentException("a size of " + claimedSizeBytes);
    }
    return switch (index.claim(hash, claimedSizeBytes, purpose, rules())) {
      case CacheIndex.Claim.Answered answered -> answered.opening();
      case CacheIndex.Claim.Granted granted -> begin(granted.entry(), purpose);
    };
  }

  private Opening begin(CacheEntry entry, Purpose purpose) {
    try {
      return new Opening.Writer(PartialFile.open(this, entry, purpose));
    } catch (IOException e) {
      boolean full = CacheFolder.isFull(e);
      if (full) {
        diskFull();
      }
      failed("the files of " + entry.hash + " cannot be created", e);
      index.dropped(entry, 0);
      return index.notKept(full ? Opening.Reason.DISK_FULL : Opening.Reason.UNUSABLE);
    }
  }

  /**
   * Pins a blob, whether it is here or not: it is not evicted, and admitted whatever its size is.
   * Durable on return.
   *
   * @return false if it was pinned before
   * @throws IOException if the pin cannot be kept, because there are too many or no room
   */
  public boolean pin(Hash hash) throws IOException {
    return pin(List.of(hash)) > 0;
  }

  /**
   * Pins several blobs, all or none, as {@link #pin(Hash)}.
   *
   * @return how many were not pinned before
   */
  public int pin(Collection<Hash> hashes) throws IOException {
    synchronized (pinning) {
      Set<Hash> pins = new LinkedHashSet<>(index.pins());
      int before = pins.size();
      pins.addAll(hashes);
      if (pins.size() > CacheLimits.PINS) {
        throw new IOException("more than " + CacheLimits.PINS + " pins; unpin something first");
      }
      if (pins.size() > before) {
        writePins(pins);
        hashes.forEach(index::pin);
      }
      return pins.size() - before;
    }
  }

  /**
   * Ends a pin; the blob may be evicted from now on. Durable on return.
   *
   * @return false if it was not pinned
   */
  public boolean unpin(Hash hash) throws IOException {
    return unpin(List.of(hash)) > 0;
  }

  /**
   * Ends several pins, as {@link #unpin(Hash)}.
   *
   * @return how many were pinned before
   */
  public int unpin(Collection<Hash> hashes) throws IOException {
    synchronized (pinning) {
      Set<Hash> pins = new LinkedHashSet<>(index.pins());
      int before = pins.size();
      hashes.forEach(pins::remove);
      if (pins.size() < before) {
        writePins(pins);
        hashes.forEach(index::unpin);
      }
      return before - pins.size();
    }
  }

  /** All pins, of blobs that are here and of those that are not. */
  public List<Hash> pins() {
    return index.pins();
  }

  /** What is known of a blob, or null if nothing of it is here. */
  public @Nullable CachedBlob blob(Hash hash) {
    return index.blob(hash);
  }

  /** Whether a blob is pinned. */
  public boolean isPinned(Hash hash) {
    return index.isPinned(hash);
  }

  private void writePins(Collection<Hash> pins) throws IOException {
    StringBuilder text = new StringBuilder(pins.size() * PIN_LINE_BYTES);
    for (Hash hash : pins) {
      text.append(hash).append('\n');
    }
    write(pinFile, text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private void write(RootFile file, byte[] content) throws IOException {
    try {
      file.write(content);
    } catch (IOException e) {
      throw CacheFolder.isFull(e) ? full(e) : e;
    }
  }

  private void readPins() throws IOException {
    String text =
        new String(pinFile.read(CacheLimits.PINS * PIN_LINE_BYTES), StandardCharsets.US_ASCII);
    for (String line : text.lines().toList()) {
      try {
        index.pin(Hash.parse(line));
      } catch (MalformedException e) {
        LOG.warn("{} has a line that is not a hash and is left out: {}", pinFile.path(), line);
      }
    }
  }

  private void writeGhosts() {
    byte[] ghosts = index.isDiskFull() ? null : index.takeGhosts();
    if (ghosts == null) {
      return;
    }
    try {
      write(ghostFile, ghosts);
    } catch (IOException e) {
      // A restart then costs the affected blobs one more request, and nothing else.
      LOG.debug("the first requests cannot be written down", e);
    }
  }

  /**
   * Removes a blob. It is hidden at once and deleted when its last reader closes; a writer fails
   * from now on.
   *
   * @return false if it was not here
   */
  public boolean remove(Hash hash, Removal why) {
    return index.remove(hash, why);
  }

  /**
   * Room for a file in the making that is none of the cache's blobs but counts like one; nothing is
   * reserved yet.
   */
  public TemporaryRoom reserveTemporary() {
    return new BudgetedRoom(index);
  }

  /** How the cache is. */
  public CacheStats stats() {
    return index.stats();
  }

  /** Visits everything that is here, as it is when this is called. */
  public void forEach(Consumer<CachedBlob> visitor) {
    index.snapshot().forEach(visitor);
  }

  /** Registers who is told of blobs that were open to others and leave; it must only note them. */
  public void onRemoved(BiConsumer<Hash, Removal> listener) {
    listeners.add(listener);
  }

  /** Changes the limits; when they are smaller, the coldest goes now. */
  public void setLimits(long maxBytes, long minFreeBytes) {
    index.setLimits(maxBytes, minFreeBytes);
  }

  /** Writes the ranking down and frees everything. Writers and readers are closed before. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    background.shutdown();
    boolean interrupted = false;
    try {
      background.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    writeRanking();
    writeGhosts();
    try {
      openFiles.close();
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
