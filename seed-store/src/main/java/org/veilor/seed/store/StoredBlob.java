package org.veilor.seed.store;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;

/**
 * A lease on a blob of the store. Data and outboard come from where the rows say; the file is not
 * held open between reads. A window of {@value #WINDOW_PAIRS} pairs keeps the walk through an
 * outboard file from costing a system call a pair.
 */
final class StoredBlob implements BlobReader {
  private static final int WINDOW_PAIRS = 32;
  private static final int PAIR_BYTES = BaoTree.PAIR_BYTES;

  private final Serving serving;
  private final Hash hash;
  private final Rows.BlobRow row;
  private final @Nullable PathRecord file;
  private final AtomicBoolean closed = new AtomicBoolean();
  private byte[] window = {};
  private long windowStart;

  /**
   * Creates a reader, for which a lease has been acquired.
   *
   * @param file where the data lies, or null if in the database
   */
  StoredBlob(Serving serving, Hash hash, Rows.BlobRow row, @Nullable PathRecord file) {
    this.serving = serving;
    this.hash = hash;
    this.row = row;
    this.file = file;
  }

  @Override
  public long sizeBytes() {
    return row.sizeBytes();
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) throws IOException {
    Objects.checkFromIndexSize(targetOffset, length, target.length);
    if (offset < 0 || offset > row.sizeBytes()) {
      throw new IndexOutOfBoundsException("offset " + offset + " of " + row.sizeBytes());
    }
    checkOpen();
    int wanted = (int) Math.min(length, row.sizeBytes() - offset);
    if (wanted == 0) {
      return 0;
    }
    if (file != null) {
      serving.readFile(file, offset, target, targetOffset, wanted);
    } else {
      byte[] data = serving.inline(Keys.INLINE_DATA, hash, row.sizeBytes());
      System.arraycopy(data, (int) offset, target, targetOffset, wanted);
    }
    return wanted;
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException {
    Objects.checkIndex(pairIndex, row.outboardBytes() / PAIR_BYTES);
    Objects.checkFromIndexSize(targetOffset, PAIR_BYTES, target.length);
    checkOpen();
    if (row.outboard() == BlobRecord.Outboard.FILE) {
      moveWindow(pairIndex);
      int at = (int) (pairIndex - windowStart) * PAIR_BYTES;
      System.arraycopy(window, at, target, targetOffset, PAIR_BYTES);
    } else {
      byte[] pairs = serving.inline(Keys.INLINE_OUTBOARD, hash, row.outboardBytes());
      System.arraycopy(pairs, (int) pairIndex * PAIR_BYTES, target, targetOffset, PAIR_BYTES);
    }
  }

  private void moveWindow(long pairIndex) throws IOException {
    if (pairIndex >= windowStart && pairIndex < windowStart + window.length / PAIR_BYTES) {
      return;
    }
    long start = pairIndex - pairIndex % WINDOW_PAIRS;
    long leftBytes = row.outboardBytes() - start * PAIR_BYTES;
    byte[] next = new byte[(int) Math.min(leftBytes, WINDOW_PAIRS * PAIR_BYTES)];
    serving.readOutboard(hash, start * PAIR_BYTES, next);
    window = next;
    windowStart = start;
  }

  private void checkOpen() throws IOException {
    if (closed.get()) {
      throw new IOException("the reader is closed");
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      serving.release(hash);
    }
  }
}
