package org.veilor.seed.store.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The file of a complete blob, open for reading; it stays until this is closed. Not verified. */
public final class CachedFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long sizeBytes;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  CachedFile(Path path, FileChannel channel, long sizeBytes, Runnable release) {
    this.path = path;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
    this.release = release;
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** The open file; closed by {@link #close}. */
  public FileChannel channel() {
    return channel;
  }

  /** Size of the blob. */
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        release.run();
      }
    }
  }
}
