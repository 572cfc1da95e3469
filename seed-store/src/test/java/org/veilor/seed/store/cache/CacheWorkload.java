package org.veilor.seed.store.cache;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Lock;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/** Downloads in random order, with everything that happens to them. One thread. */
final class CacheWorkload {
  private static final int MOST_READERS = 4;

  private final BlobCache cache;
  private final List<MemoryBlob> blobs;
  private final Random random;
  private final Lock each;
  private final Deque<BlobReader> readers = new ArrayDeque<>();
  long commits;
  long notKept;

  /**
   * Prepares.
   *
   * @param each is held during each write, so that somebody can look between two of them
   */
  CacheWorkload(BlobCache cache, List<MemoryBlob> blobs, Random random, Lock each) {
    this.cache = cache;
    this.blobs = blobs;
    this.random = random;
    this.each = each;
  }

  /** Blobs from a few bytes to {@code largest}; small ones are frequent. */
  static List<MemoryBlob> blobs(int count, int largest) {
    List<MemoryBlob> blobs = new ArrayList<>();
    Random random = new Random(count);
    for (int i = 0; i < count; i++) {
      int size = 1 + (int) (largest * Math.pow(random.nextDouble(), 3));
      blobs.add(MemoryBlob.of(CacheSamples.bytes(i, size)));
    }
    return blobs;
  }

  private interface Step {
    void run() throws IOException;
  }

  private void alone(Step step) throws IOException {
    each.lock();
    try {
      step.run();
    } finally {
      each.unlock();
    }
  }

  /** Does one thing. */
  void step() throws IOException {
    MemoryBlob blob =
        blobs.get(Math.min(random.nextInt(blobs.size()), random.nextInt(blobs.size())));
    switch (random.nextInt(12)) {
      case 0 -> alone(() -> cache.remove(blob.hash(), Removal.REQUESTED));
      case 1, 2 -> alone(() -> hold(blob.hash()));
      default -> fetch(blob);
    }
  }

  private void hold(Hash hash) throws IOException {
    if (readers.size() >= MOST_READERS) {
      readers.removeFirst().close();
    }
    if (cache.open(hash) instanceof BlobLookup.Found found) {
      readers.addLast(found.reader());
      try {
        CacheSamples.verify(hash, found.reader());
      } catch (IOException e) {
        // Another thread may abandon what it writes, or start anew, while this one reads.
        if (!String.valueOf(e.getMessage()).matches(".*(was given up|it starts anew)")) {
          throw e;
        }
      }
    }
  }

  /** Fetches a blob to the end, or not quite. */
  void fetch(MemoryBlob blob) throws IOException {
    boolean wrong = random.nextInt(10) == 0;
    long claimed = wrong ? blob.sizeBytes() + 1 + random.nextInt(50_000) : blob.sizeBytes();
    Opening[] opening = new Opening[1];
    alone(() -> opening[0] = cache.begin(blob.hash(), claimed, Purpose.REQUEST));
    if (requireNonNull(opening[0]) instanceof Opening.Writer writer) {
      write(writer.blob(), blob);
    } else if (opening[0] instanceof Opening.NotKept) {
      notKept++;
    }
  }

  private void write(PartialBlob writer, MemoryBlob blob) throws IOException {
    try {
      if (writer.sizeBytes() != blob.sizeBytes()) {
        alone(() -> writer.sizeProven(blob.sizeBytes()));
      }
      long chunks = new BaoTree(blob.sizeBytes()).chunks();
      ChunkRanges missing = ChunkRanges.range(0, chunks).minus(writer.present());
      while (!missing.isEmpty()) {
        long start = missing.boundary(2 * random.nextInt(missing.boundaryCount() / 2));
        long length = 16L * (1 + random.nextInt(64)) - (random.nextInt(4) == 0 ? 3 : 0);
        long from = start + random.nextInt(64);
        ChunkRanges part = missing.intersect(ChunkRanges.range(from, from + length));
        if (!part.isEmpty()) {
          alone(() -> CacheSamples.write(writer, blob, part));
          missing = missing.minus(part);
        }
        switch (random.nextInt(150)) {
          case 0 -> {
            return;
          }
          case 1 -> {
            alone(writer::abandon);
            return;
          }
          case 2 -> alone(writer::checkpoint);
          default -> {}
        }
      }
      alone(writer::commit);
      commits++;
    } catch (CacheFullException e) {
      notKept++;
      alone(writer::abandon);
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("removed")) {
        throw e;
      }
    } finally {
      alone(writer::close);
    }
  }

  void closeReaders() {
    readers.forEach(BlobReader::close);
    readers.clear();
  }
}
