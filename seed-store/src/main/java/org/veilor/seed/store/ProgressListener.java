package org.veilor.seed.store;

/** Is told how far an import has come, on the importing thread. */
@FunctionalInterface
public interface ProgressListener {
  /** Tells nobody. */
  ProgressListener NONE = (doneBytes, totalBytes) -> {};

  /** {@code doneBytes} of {@code totalBytes} have been read and hashed. */
  void bytesRead(long doneBytes, long totalBytes);
}
