package org.veilor.seed.node.gateway;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadException;
import org.veilor.seed.node.download.DownloadFailure;
import org.veilor.seed.node.download.DownloadProgress;
import org.veilor.seed.node.download.DownloadReader;

/** A download whose bytes arrive when a test says so. */
final class FakeDownload implements Download {
  private final Hash hash;
  private final byte[] content;
  final CompletableFuture<Long> size = new CompletableFuture<>();
  final AtomicInteger openReaders = new AtomicInteger();
  final AtomicInteger madeReaders = new AtomicInteger();
  final List<Long> starts = new ArrayList<>();
  private final List<Runnable> waiting = new ArrayList<>();
  private long arrivedBytes;
  private long readBytes;
  private @Nullable DownloadException failure;

  FakeDownload(Hash hash, byte[] content) {
    this.hash = hash;
    this.content = content;
  }

  /** So many bytes from the beginning are here now. */
  void arrive(long bytes) {
    size.complete((long) content.length);
    List<Runnable> tasks;
    synchronized (this) {
      arrivedBytes = bytes;
      tasks = List.copyOf(waiting);
      waiting.clear();
    }
    tasks.forEach(Runnable::run);
  }

  void fail(DownloadFailure.Kind kind) {
    DownloadException why = new DownloadException(DownloadFailure.of(kind, "a test wants it so"));
    size.completeExceptionally(why);
    List<Runnable> tasks;
    synchronized (this) {
      failure = why;
      tasks = List.copyOf(waiting);
      waiting.clear();
    }
    tasks.forEach(Runnable::run);
  }

  synchronized long readBytes() {
    return readBytes;
  }

  @Override
  public Hash hash() {
    return hash;
  }

  @Override
  public CompletionStage<Long> size() {
    return size;
  }

  @Override
  public DownloadReader reader(long fromByte, long untilByte) {
    openReaders.incrementAndGet();
    madeReaders.incrementAndGet();
    synchronized (this) {
      starts.add(fromByte);
    }
    return new Reader(fromByte, Math.min(untilByte, content.length));
  }

  private final class Reader implements DownloadReader {
    private long position;
    private final long until;
    private boolean closed;

    Reader(long position, long until) {
      this.position = position;
      this.until = until;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      throw new IllegalStateException("the gateway does not block");
    }

    @Override
    public int readNow(byte[] target, int offset, int length) throws IOException {
      synchronized (FakeDownload.this) {
        if (position >= until) {
          return -1;
        }
        int count = (int) Math.min(length, Math.min(until, arrivedBytes) - position);
        if (count <= 0) {
          if (failure != null) {
            throw failure;
          }
          return 0;
        }
        System.arraycopy(content, (int) position, target, offset, count);
        position += count;
        readBytes += count;
        return count;
      }
    }

    @Override
    public void onReadable(Runnable callback) {
      synchronized (FakeDownload.this) {
        if (position >= Math.min(until, arrivedBytes) && failure == null && position < until) {
          waiting.add(callback);
          return;
        }
      }
      callback.run();
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openReaders.decrementAndGet();
      }
    }
  }

  @Override
  public CompletionStage<Void> done() {
    return new CompletableFuture<>();
  }

  @Override
  public DownloadProgress progress() {
    return new DownloadProgress(OptionalLong.of(content.length), 0, 0, true, List.of());
  }

  @Override
  public void cancel() {}
}
