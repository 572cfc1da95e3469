package org.veilor.seed.store.cache;

/**
 * Room within the byte budget of a cache for a file that is none of its blobs. Any thread.
 *
 * <p>Room comes before bytes: {@link #grow} first, then write.
 */
public interface TemporaryRoom extends AutoCloseable {
  /** Room without a budget. */
  TemporaryRoom UNLIMITED =
      new TemporaryRoom() {
        @Override
        public void grow(long bytes) {}

        @Override
        public void written(long bytes) {}

        @Override
        public void close() {}
      };

  /**
   * Reserves more; what is cold makes way for it.
   *
   * @throws CacheFullException if there is no room for so much
   */
  void grow(long bytes) throws CacheFullException;

  /** Some of what was reserved is on the disk now. */
  void written(long bytes);

  /** The file is gone. */
  @Override
  void close();
}
