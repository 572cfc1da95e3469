package org.veilor.seed.store.cache;

/** {@link TemporaryRoom} out of the budget. */
final class BudgetedRoom implements TemporaryRoom {
  private final CacheIndex index;
  private long reservedBytes;
  private long writtenBytes;
  private boolean closed;

  BudgetedRoom(CacheIndex index) {
    this.index = index;
  }

  @Override
  public synchronized void grow(long bytes) throws CacheFullException {
    if (closed) {
      throw new IllegalStateException("the room is closed");
    }
    if (!index.reserve(bytes)) {
      throw new CacheFullException("the cache has no room for " + bytes + " bytes more");
    }
    reservedBytes += bytes;
  }

  @Override
  public synchronized void written(long bytes) {
    long counted = Math.min(bytes, reservedBytes - writtenBytes);
    if (!closed && counted > 0) {
      writtenBytes += counted;
      index.temporaryWritten(counted);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      index.temporaryGone(reservedBytes, writtenBytes);
    }
  }
}
