package org.veilor.seed.node.download;

import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;

/**
 * A blob of an HTTP server: in a file here and verified, or still there, with its outboard known,
 * so that it is verified while it is read.
 */
interface OriginBlob extends AutoCloseable {
  /**
   * A reader for one response. Closing it leaves the blob, and, from another thread, ends a read
   * that waits.
   *
   * @param wanted the chunks that will be read, as far as known
   */
  BlobReader view(ChunkRanges wanted);

  @Override
  void close();
}
