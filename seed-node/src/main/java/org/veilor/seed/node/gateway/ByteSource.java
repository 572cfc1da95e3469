package org.veilor.seed.node.gateway;

import java.io.IOException;

/** Bytes in order, some of which may not be here yet. One thread reads; any may close. */
interface ByteSource extends AutoCloseable {
  /**
   * Reads what is here; may wait for a disk, never for a network.
   *
   * @return how many bytes; 0 if none is here yet, -1 at the end
   * @throws IOException if the rest will never come
   */
  int readNow(byte[] target, int offset, int length) throws IOException;

  /** Has a task run as soon as {@link #readNow} will return something else than 0. */
  void onReadable(Runnable callback);

  @Override
  void close();
}
