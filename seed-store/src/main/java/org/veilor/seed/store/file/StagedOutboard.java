package org.veilor.seed.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.OutboardSink;

/**
 * An outboard that is being written to a temporary file, or waits there to be published.
 *
 * <p>Pairs come roughly from front to back, parents after their children. A window of {@value
 * #WINDOW_PAIRS} pairs collects neighbours, so that a gigabyte of blob costs some hundred writes; a
 * parent whose place lies before the window is written by itself.
 */
public final class StagedOutboard implements OutboardSink, AutoCloseable {
  private static final int WINDOW_PAIRS = 1024;
  private static final int PAIR_BYTES = BaoTree.PAIR_BYTES;

  private final Path file;
  private final FileOutput output;
  private final byte[] window = new byte[WINDOW_PAIRS * PAIR_BYTES];
  private final BitSet filled = new BitSet(WINDOW_PAIRS);
  private long windowStart;
  private boolean closed;

  StagedOutboard(Path file, FileOutput output) {
    this.file = file;
    this.output = output;
  }

  @Override
  public void writePair(long pairIndex, byte[] pair, int offset) throws IOException {
    if (pairIndex < windowStart) {
      output.write(ByteBuffer.wrap(pair, offset, PAIR_BYTES), pairIndex * PAIR_BYTES);
      return;
    }
    if (pairIndex >= windowStart + WINDOW_PAIRS) {
      flush();
      windowStart = pairIndex - pairIndex % WINDOW_PAIRS;
    }
    int slot = (int) (pairIndex - windowStart);
    System.arraycopy(pair, offset, window, slot * PAIR_BYTES, PAIR_BYTES);
    filled.set(slot);
  }

  private void flush() throws IOException {
    int start = filled.nextSetBit(0);
    while (start >= 0) {
      int end = filled.nextClearBit(start);
      output.write(
          ByteBuffer.wrap(window, start * PAIR_BYTES, (end - start) * PAIR_BYTES),
          (windowStart + start) * PAIR_BYTES);
      start = filled.nextSetBit(end);
    }
    filled.clear();
  }

  /** Returns when the whole outboard is on the disk; only its name is missing. */
  public void finish() throws IOException {
    flush();
    output.sync();
    closed = true;
    output.close();
  }

  Path file() {
    return file;
  }

  /** Removes the temporary file, if it was not published. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      output.close();
    }
    Files.deleteIfExists(file);
  }
}
