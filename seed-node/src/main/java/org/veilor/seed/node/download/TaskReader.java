package org.veilor.seed.node.download;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;

/** A reader of a {@link DownloadTask}. */
final class TaskReader implements DownloadReader {
  /** The plan is told of so much progress at the latest. */
  private static final long TELL_BYTES = 4L * BaoTree.GROUP_BYTES;

  private final long id;
  private final DownloadTask task;
  private final ArrivingBlob blob;
  private final Object arrival;
  private final long untilByte;
  private final AtomicReference<@Nullable Runnable> callback = new AtomicReference<>();
  private volatile long position;
  private volatile long toldPosition;
  private volatile boolean closed;

  /** What the plan was told; belongs to the thread of the download. */
  private long plannedPosition;

  private @Nullable BlobReader stored;

  /** Positions beyond any blob, so that sums stay in range. */
  private static final long MAX_POSITION = 1L << 61;

  TaskReader(
      long id,
      DownloadTask task,
      ArrivingBlob blob,
      Object arrival,
      long fromByte,
      long untilByte) {
    this.id = id;
    this.task = task;
    this.blob = blob;
    this.arrival = arrival;
    this.position = Math.min(fromByte, MAX_POSITION);
    this.toldPosition = position;
    this.plannedPosition = position;
    this.untilByte = untilByte;
  }

  long id() {
    return id;
  }

  /** The position to tell the plan, from now on also that of {@link #window}. */
  long plan() {
    plannedPosition = toldPosition;
    return plannedPosition;
  }

  long untilByte() {
    return untilByte;
  }

  /** The chunks from the first one needed on. */
  ChunkRanges window(long bytes) {
    long front = plannedPosition / BaoTree.GROUP_BYTES * BaoTree.GROUP_CHUNKS;
    long end = Math.ceilDiv(plannedPosition + bytes, (long) BaoTree.GROUP_BYTES) + 1;
    return ChunkRanges.range(front, end * BaoTree.GROUP_CHUNKS);
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (true) {
      await();
      int count = readNow(target, offset, length);
      if (count != 0 || length == 0) {
        return count;
      }
    }
  }

  private void await() throws IOException {
    synchronized (arrival) {
      try {
        while (!isReady()) {
          arrival.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for a download");
      }
    }
  }

  /** Whether {@link #readNow} has something to say. */
  private boolean isReady() {
    return closed
        || isAtEnd()
        || (blob.size().isPresent() && blob.availableBytes(position) > 0)
        || task.failure() != null
        || task.isComplete();
  }

  private boolean isAtEnd() {
    return position >= untilByte
        || (blob.size().isPresent() && position >= blob.size().getAsLong());
  }

  @Override
  public int readNow(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (closed) {
      throw new IOException("the reader is closed");
    }
    if (isAtEnd()) {
      return -1;
    }
    long available = blob.size().isEmpty() ? 0 : blob.availableBytes(position);
    int most = (int) Math.min(length, Math.min(available, untilByte - position));
    int count = most == 0 ? 0 : copy(target, offset, most);
    if (count > 0) {
      moved(count);
      return count;
    }
    DownloadFailure failure = task.failure();
    if (failure != null) {
      throw new DownloadException(failure);
    }
    if (length > 0 && task.isComplete()) {
      throw new IOException("the download ended without byte " + position);
    }
    return 0;
  }

  private int copy(byte[] target, int offset, int available) throws IOException {
    int fromMemory = blob.readMemory(position, target, offset, available);
    int most = (int) Math.min(available, blob.storedBytes(position));
    if (fromMemory > 0 || most == 0) {
      return fromMemory;
    }
    BlobReader reader = stored;
    if (reader == null) {
      reader = blob.openStored();
      stored = reader;
    }
    return reader == null ? 0 : reader.readData(position, target, offset, most);
  }

  private void moved(int count) {
    long next = position + count;
    position = next;
    boolean isFar = next - toldPosition >= TELL_BYTES;
    if (isFar || isAtEnd()) {
      toldPosition = next;
      task.readerMoved(this);
    }
  }

  @Override
  public void onReadable(Runnable task) {
    callback.set(task);
    wake();
  }

  /** Something has come. */
  void wake() {
    if (callback.get() != null && isReady()) {
      Runnable waiting = callback.getAndSet(null);
      if (waiting != null) {
        waiting.run();
      }
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    task.readerGone(this);
    BlobReader reader = stored;
    if (reader != null) {
      stored = null;
      reader.close();
    }
  }
}
