package org.veilor.seed.store.cache;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.store.file.ChannelBytes;

/** Reads a blob of the cache, complete or not; with a lease that ends when it is closed. */
final class CacheReader implements BlobReader {
  private static final int WINDOW_PAIRS = 64;
  private static final int PAIR_BYTES = BaoTree.PAIR_BYTES;

  private final BlobCache cache;
  private final CacheEntry entry;
  private final int generation;
  private final BaoTree tree;
  private final AtomicBoolean closed = new AtomicBoolean();
  private byte[] window = {};
  private long windowStart;

  /** Reads an entry on which the caller has taken a lease. */
  CacheReader(BlobCache cache, CacheEntry entry) {
    this.cache = cache;
    this.entry = entry;
    this.generation = entry.generation;
    this.tree = new BaoTree(entry.sizeBytes);
  }

  @Override
  public long sizeBytes() {
    return tree.sizeBytes();
  }

  @Override
  public ChunkRanges presentChunks() {
    Bitfield present = entry.bitfield;
    return generation != entry.generation || entry.givenUp
        ? ChunkRanges.EMPTY
        : present == null ? ChunkRanges.ALL : present.ranges();
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) throws IOException {
    Objects.checkFromIndexSize(targetOffset, length, target.length);
    if (offset < 0 || offset > tree.sizeBytes()) {
      throw new IndexOutOfBoundsException("offset " + offset + " of " + tree.sizeBytes());
    }
    checkUsable();
    int wanted = (int) Math.min(length, tree.sizeBytes() - offset);
    if (wanted == 0) {
      return 0;
    }
    Bitfield present = entry.bitfield;
    if (present != null && !present.containsBytes(offset, offset + wanted)) {
      throw new IOException(
          "bytes from " + offset + " to " + (offset + wanted) + " are not here yet");
    }
    int read = read(false, offset, target, targetOffset, wanted);
    checkUsable();
    return read;
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException {
    Objects.checkIndex(pairIndex, tree.pairs());
    Objects.checkFromIndexSize(targetOffset, PAIR_BYTES, target.length);
    checkUsable();
    PartialFile writer = entry.writer;
    if (entry.bitfield == null) {
      moveWindow(pairIndex);
      int at = (int) (pairIndex - windowStart) * PAIR_BYTES;
      System.arraycopy(window, at, target, targetOffset, PAIR_BYTES);
    } else if (writer == null || !writer.readWaitingPair(pairIndex, target, targetOffset)) {
      read(true, pairIndex * PAIR_BYTES, target, targetOffset, PAIR_BYTES);
    }
    checkUsable();
  }

  private void moveWindow(long pairIndex) throws IOException {
    if (pairIndex >= windowStart && pairIndex < windowStart + window.length / PAIR_BYTES) {
      return;
    }
    long start = pairIndex - pairIndex % WINDOW_PAIRS;
    byte[] next = new byte[(int) Math.min(WINDOW_PAIRS, tree.pairs() - start) * PAIR_BYTES];
    read(true, start * PAIR_BYTES, next, 0, next.length);
    window = next;
    windowStart = start;
  }

  private int read(boolean ofOutboard, long offset, byte[] target, int targetOffset, int length)
      throws IOException {
    try {
      int read =
          cache
              .openFiles()
              .read(
                  new BlobCache.FileKey(entry, generation, ofOutboard),
                  channel -> ChannelBytes.fill(channel, offset, target, targetOffset, length));
      if (read < length) {
        checkUsable();
        throw new EOFException("a file of " + entry.hash + " is too short");
      }
      return read;
    } catch (NoSuchFileException | EOFException e) {
      if (generation == entry.generation && entry.state == CacheEntry.State.COMPLETE) {
        cache.remove(entry.hash, Removal.DAMAGED);
      }
      throw e;
    }
  }

  private void checkUsable() throws IOException {
    if (closed.get()) {
      throw new IOException("the reader is closed");
    }
    if (generation != entry.generation) {
      throw new IOException("the size of " + entry.hash + " was claimed wrong; it starts anew");
    }
    if (entry.givenUp) {
      throw new IOException("what was here of " + entry.hash + " was given up");
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      cache.index().release(entry);
    }
  }
}
