package org.veilor.seed.blobs.provider;

import java.util.Optional;

/** Produces the response to one admitted request. */
sealed interface Responder extends AutoCloseable permits BlobResponder, ObserveResponder {
  /**
   * The next output; bytes go into the buffer from {@code offset} on. After {@link Output.Finish}
   * or {@link Output.Reset} it must not be asked again.
   */
  Output next(byte[] buffer, int offset);

  /** Why the response ended early, if it did. */
  Optional<ServeFailure> failure();

  /** What was handed out so far. */
  ProviderStatistics statistics();

  @Override
  void close();
}
