package org.veilor.seed.core.blob;

import org.veilor.seed.core.bao.BaoSource;

/**
 * Read access to one blob and its outboard: the port behind which a store, a file or memory lies.
 * Closing releases the lease that keeps the blob from being evicted.
 */
public interface BlobReader extends BaoSource, AutoCloseable {
  @Override
  void close();
}
