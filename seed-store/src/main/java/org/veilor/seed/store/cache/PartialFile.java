package org.veilor.seed.store.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * The writer of a blob.
 *
 * <p>Writing holds a lock shared, so that several threads can; starting anew, commit and the end
 * hold it alone. A checkpoint takes the bitfield first and syncs afterwards, so that whatever the
 * file promises is on the disk. Pairs wait in pages; readers of this process look there first.
 */
final class PartialFile implements PartialBlob {
  private final BlobCache cache;
  private final CacheFolder folder;
  private final CacheIndex index;
  private final CacheEntry entry;
  private final Purpose purpose;
  private final ReentrantReadWriteLock shape = new ReentrantReadWriteLock();
  private final Object checkpointing = new Object();
  private final PairPages pages = new PairPages(this::writePage);
  private final AtomicLong sinceCheckpointBytes = new AtomicLong();
  private final AtomicBoolean checkpointAsked = new AtomicBoolean();
  private final Object opening = new Object();
  private @Nullable FileChannel data;
  private @Nullable FileChannel outboard;
  private volatile @Nullable IOException failed;
  private boolean committed;
  private volatile boolean closed;

  private PartialFile(BlobCache cache, CacheEntry entry, Purpose purpose) {
    this.cache = cache;
    this.folder = cache.folder();
    this.index = cache.index();
    this.entry = entry;
    this.purpose = purpose;
  }

  /** Starts to write an entry that the index granted, or goes on with it. */
  static PartialFile open(BlobCache cache, CacheEntry entry, Purpose purpose) throws IOException {
    PartialFile file = new PartialFile(cache, entry, purpose);
    Bitfield before = entry.bitfield;
    boolean opened = false;
    try {
      if (before == null || before.sizeBytes() != entry.sizeBytes) {
        file.startAnew(entry.sizeBytes);
      }
      entry.writer = file;
      opened = true;
      return file;
    } finally {
      if (!opened) {
        file.closeChannels();
      }
    }
  }

  private void startAnew(long sizeBytes) throws IOException {
    closeChannels();
    pages.clear();
    cache.forgetChannels(entry);
    entry.nextGeneration();
    folder.delete(entry.hash);
    entry.sizeBytes = sizeBytes;
    entry.bitfield = new Bitfield(sizeBytes);
    long outboardBytes = new BaoTree(sizeBytes).outboardBytes();
    data = folder.create(entry.hash, CacheFolder.PART, sizeBytes);
    if (outboardBytes > 0) {
      outboard = folder.create(entry.hash, CacheFolder.OUTBOARD, outboardBytes);
    }
  }

  private Bitfield bitfield() {
    return Objects.requireNonNull(entry.bitfield, "a writer has a bitfield");
  }

  @Override
  public Hash hash() {
    return entry.hash;
  }

  @Override
  public long sizeBytes() {
    return entry.sizeBytes;
  }

  @Override
  public boolean isSizeProven() {
    Bitfield now = entry.bitfield;
    return now == null || now.isSizeProven();
  }

  @Override
  public ChunkRanges present() {
    Bitfield now = entry.bitfield;
    return now == null ? ChunkRanges.range(0, new BaoTree(entry.sizeBytes).chunks()) : now.ranges();
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Runs a step under a lock and notes what its failure means. */
  private void run(Lock lock, Step step) throws IOException {
    lock.lock();
    try {
      IOException before = failed;
      if (before instanceof CacheFullException) {
        throw new CacheFullException(String.valueOf(before.getMessage()), before);
      }
      if (before != null) {
        throw new IOException(before.getMessage(), before);
      }
      Removal condemned = entry.condemned;
      if (closed || committed || condemned != null) {
        throw new IOException(
            condemned == null ? "the writer is closed" : "the blob was removed: " + condemned);
      }
      step.run();
    } catch (IOException e) {
      throw CacheFolder.isFull(e) ? cache.full(e) : e;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(long startChunk, ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    run(
        shape.readLock(),
        () -> {
          Bitfield bits = bitfield();
          long offset = startChunk * BaoTree.CHUNK_BYTES;
          long end = Math.addExact(offset, length);
          boolean isWhole = length % BaoTree.CHUNK_BYTES == 0 || end == bits.sizeBytes();
          if (startChunk < 0 || end > bits.sizeBytes() || !isWhole) {
            throw new IllegalArgumentException(
                length + " bytes from " + offset + " on in a blob of " + bits.sizeBytes());
          }
          write(false, bytes, offset);
          bits.add(startChunk, Math.ceilDiv(end, (long) BaoTree.CHUNK_BYTES));
        });
    if (sinceCheckpointBytes.addAndGet(length) >= CacheLimits.CHECKPOINT_BYTES
        && checkpointAsked.compareAndSet(false, true)) {
      sinceCheckpointBytes.set(0);
      cache.inBackground(this::checkpointInBackground);
    }
  }

  private void checkpointInBackground() {
    checkpointAsked.set(false);
    try {
      checkpoint();
    } catch (CacheFullException e) {
      failed = e;
    } catch (IOException e) {
      if (!closed && entry.condemned == null && !committed) {
        failed = e;
      }
    }
  }

  @Override
  public void writePair(BaoItem.Parent parent, byte[] buffer) throws IOException {
    if (!parent.isInOutboard()) {
      return;
    }
    run(
        shape.readLock(),
        () -> {
          Objects.checkIndex(parent.pairIndex(), bitfield().tree().pairs());
          pages.put(parent.pairIndex(), buffer);
        });
  }

  private void writePage(ByteBuffer bytes, long position) throws IOException {
    write(true, bytes, position);
  }

  /** Writes to data or outboard; a channel that an interrupt closed is opened again. */
  private void write(boolean toOutboard, ByteBuffer bytes, long position) throws IOException {
    int length = bytes.remaining();
    int start = bytes.position();
    while (true) {
      try {
        CacheFolder.writeFully(channel(toOutboard), bytes, position);
        index.written(entry, length);
        return;
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        // An interrupt of another thread closed it under this one.
        bytes.position(start);
      }
    }
  }

  private FileChannel channel(boolean ofOutboard) throws IOException {
    synchronized (opening) {
      FileChannel open = ofOutboard ? outboard : data;
      if (open == null || !open.isOpen()) {
        open = folder.open(entry.hash, ofOutboard ? CacheFolder.OUTBOARD : CacheFolder.PART, true);
        if (ofOutboard) {
          outboard = open;
        } else {
          data = open;
        }
      }
      return open;
    }
  }

  /** Copies a pair that is not in the file yet; whether it is here. */
  boolean readWaitingPair(long pairIndex, byte[] target, int targetOffset) {
    return pages.get(pairIndex, target, targetOffset);
  }

  @Override
  public void sizeProven(long sizeBytes) throws IOException {
    run(
        shape.writeLock(),
        () -> {
          if (sizeBytes != entry.sizeBytes) {
            resize(sizeBytes);
          }
          bitfield().proveSize();
        });
  }

  private void resize(long sizeBytes) throws IOException {
    if (!index.mayHave(entry.hash, sizeBytes, purpose, cache.rules())) {
      throw new CacheFullException("a blob of " + sizeBytes + " bytes is too large for the cache");
    }
    long more = cache.reservationBytes(sizeBytes) - cache.reservationBytes(entry.sizeBytes);
    if (more > 0 && !index.reserveMore(entry, more)) {
      throw new CacheFullException("the cache has no room for " + sizeBytes + " bytes");
    }
    startAnew(sizeBytes);
  }

  @Override
  public BlobReader reader() {
    index.lease(entry);
    return new CacheReader(cache, entry);
  }

  @Override
  public void checkpoint() throws IOException {
    synchronized (checkpointing) {
      run(shape.readLock(), this::syncAll);
    }
  }

  private void syncAll() throws IOException {
    Bitfield bits = bitfield();
    byte[] promise = bits.encode(entry.hash);
    sync();
    if (bits.tree().pairs() > 0) {
      folder.replace(folder.file(entry.hash, CacheFolder.BITS), promise);
      index.written(entry, promise.length);
    }
  }

  private void sync() throws IOException {
    pages.flush();
    channel(false).force(false);
    if (bitfield().tree().pairs() > 0) {
      channel(true).force(false);
    }
  }

  @Override
  public void commit() throws IOException {
    run(
        shape.writeLock(),
        () -> {
          boolean isEmptyBlob = entry.sizeBytes == 0 && entry.hash.equals(Hash.EMPTY_BLOB);
          if (!isEmptyBlob && !bitfield().isComplete()) {
            throw new IllegalStateException("not everything of " + entry.hash + " is here");
          }
          sync();
          publish();
          committed = true;
          closeChannels();
          entry.bitfield = null;
          entry.writer = null;
          finish(CacheEntry.State.COMPLETE, CacheFolder.DATA, CacheFolder.OUTBOARD);
        });
  }

  private void publish() throws IOException {
    try {
      folder.publish(entry.hash);
    } catch (IOException e) {
      failed = e; // half renamed, maybe: close deletes it
      throw e;
    }
  }

  private void finish(CacheEntry.State state, String... suffixes) {
    long actualBytes = cache.reservationBytes(entry.sizeBytes);
    long grownBytes = 0;
    try {
      long found = folder.allocatedBytes(entry.hash, suffixes);
      grownBytes = folder.folderGrowth(entry.hash);
      actualBytes = found;
    } catch (IOException e) {
      cache.failed("the files of " + entry.hash + " cannot be looked at", e);
    }
    index.touch(entry, cache.rules().nowMillis());
    index.finished(entry, state, actualBytes, grownBytes);
  }

  @Override
  public void close() {
    end(true);
  }

  @Override
  public void abandon() {
    end(false);
  }

  private void end(boolean keep) {
    shape.writeLock().lock();
    try {
      if (closed || committed) {
        closed = true;
        return;
      }
      Bitfield bits = bitfield();
      boolean kept =
          keep
              && failed == null
              && entry.condemned == null
              && !bits.isEmpty()
              && bits.tree().pairs() > 0;
      if (kept) {
        kept = kept();
      }
      closed = true;
      // Pairs that wait were never written: readers must learn of the end before they go.
      entry.givenUp = !kept;
      entry.writer = null;
      pages.clear();
      if (!kept) {
        drop();
      }
    } finally {
      shape.writeLock().unlock();
    }
  }

  /** Makes what is present the beginning of the next try; false if it cannot be kept. */
  private boolean kept() {
    try {
      syncAll();
      closeChannels();
      closed = true;
      entry.writer = null;
      finish(CacheEntry.State.PARTIAL, CacheFolder.PART, CacheFolder.OUTBOARD, CacheFolder.BITS);
      return true;
    } catch (IOException e) {
      cache.failed("what was fetched of " + entry.hash + " cannot be kept", e);
      return false;
    }
  }

  /** Deletes everything. */
  void drop() {
    closeChannels();
    long grownBytes = 0;
    try {
      grownBytes = folder.folderGrowth(entry.hash);
    } catch (IOException e) {
      cache.failed("the folder of " + entry.hash + " cannot be looked at", e);
    }
    index.dropped(entry, grownBytes);
  }

  private void closeChannels() {
    synchronized (opening) {
      close(data);
      close(outboard);
      data = null;
      outboard = null;
    }
  }

  private void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      cache.failed("a file of " + entry.hash + " does not close", e);
    }
  }
}
