package org.veilor.seed.node.download;

import java.io.IOException;

/** Reads a blob in order while it arrives. One thread at a time. */
public interface DownloadReader extends AutoCloseable {
  /**
   * Reads at least one byte; waits for it, so that it belongs on a virtual thread.
   *
   * @return how many bytes; -1 at the end
   * @throws DownloadException if the download failed
   */
  int read(byte[] target, int offset, int length) throws IOException;

  /**
   * Reads what is here.
   *
   * @return how many bytes; 0 if none is here yet, -1 at the end
   * @throws DownloadException if the download failed
   */
  int readNow(byte[] target, int offset, int length) throws IOException;

  /**
   * Has a task run once {@link #readNow} will return something else than 0; at once if it does
   * already. Runs on a thread of the download and must not block. Replaces an earlier one.
   */
  void onReadable(Runnable callback);

  /** Position of the next byte. */
  long position();

  @Override
  void close();
}
