package org.veilor.seed.node.gateway;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.download.Download;
import org.veilor.seed.node.download.DownloadReader;

/** Some bytes that a download yields; they are asked for when the first one is read. */
final class ArrivingBytes implements ByteSource {
  private final Download download;
  private final long from;
  private final long until;
  private @Nullable DownloadReader reader;
  private boolean closed;

  ArrivingBytes(Download download, long from, long until) {
    this.download = download;
    this.from = from;
    this.until = until;
  }

  /** Asks for the bytes; the reader, or null where this is closed. */
  synchronized @Nullable DownloadReader start() {
    if (reader == null && !closed) {
      reader = download.reader(from, until);
    }
    return reader;
  }

  @Override
  public int readNow(byte[] target, int offset, int length) throws IOException {
    DownloadReader open = start();
    if (open == null) {
      throw new IOException("closed");
    }
    return open.readNow(target, offset, length);
  }

  @Override
  public void onReadable(Runnable callback) {
    DownloadReader open = start();
    if (open == null) {
      callback.run();
    } else {
      open.onReadable(callback);
    }
  }

  @Override
  public synchronized void close() {
    DownloadReader open = reader;
    reader = null;
    if (!closed && open != null) {
      open.close();
    }
    closed = true;
  }
}
