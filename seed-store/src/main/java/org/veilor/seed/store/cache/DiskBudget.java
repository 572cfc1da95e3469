package org.veilor.seed.store.cache;

import java.io.IOException;

/**
 * Counts every byte that is allocated or reserved, and says no before there are too many.
 *
 * <p>What is reserved but not yet written is still free to the file system; it is subtracted before
 * {@code min_free} is compared. Any thread.
 */
final class DiskBudget {
  /** What the file system has free for this process. */
  @FunctionalInterface
  interface FreeSpace {
    long bytes() throws IOException;
  }

  private final FreeSpace freeSpace;
  private long maxBytes;
  private long minFreeBytes;
  private long usedBytes;
  private long unwrittenBytes;

  DiskBudget(long maxBytes, long minFreeBytes, FreeSpace freeSpace) {
    this.maxBytes = maxBytes;
    this.minFreeBytes = minFreeBytes;
    this.freeSpace = freeSpace;
  }

  /** How many bytes must be released before {@code bytes} can be reserved; 0 if they can now. */
  synchronized long shortageBytes(long bytes) {
    return Math.max(Math.max(0, overBudget(bytes)), underFloor(bytes));
  }

  /** How many bytes the budget lacks for {@code bytes} more; negative if it has them. */
  synchronized long overBudget(long bytes) {
    return usedBytes + bytes - maxBytes;
  }

  /** How many bytes the file system lacks; negative if it has them. */
  synchronized long underFloor(long bytes) {
    return minFreeBytes + unwrittenBytes + bytes - freeBytes();
  }

  /** What the file system has free; 0 if it does not say, so that nothing is kept then. */
  long freeBytes() {
    try {
      return freeSpace.bytes();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Reserves room for bytes that will be written. */
  synchronized boolean tryReserve(long bytes) {
    if (shortageBytes(bytes) > 0) {
      return false;
    }
    usedBytes += bytes;
    unwrittenBytes += bytes;
    return true;
  }

  /** Some of what was reserved is written now. */
  synchronized void written(long bytes) {
    unwrittenBytes -= bytes;
  }

  /**
   * A reservation ends.
   *
   * @param reservedBytes as reserved
   * @param writtenBytes as told by {@link #written}
   * @param actualBytes what is allocated now and stays
   */
  synchronized void settle(long reservedBytes, long writtenBytes, long actualBytes) {
    usedBytes += actualBytes - reservedBytes;
    unwrittenBytes -= reservedBytes - writtenBytes;
  }

  /** Bytes that are on the disk: found there, or grown there. */
  synchronized void add(long bytes) {
    usedBytes += bytes;
  }

  /** Bytes that are no longer on the disk. */
  synchronized void release(long bytes) {
    usedBytes -= bytes;
  }

  synchronized void setLimits(long newMaxBytes, long newMinFreeBytes) {
    maxBytes = newMaxBytes;
    minFreeBytes = newMinFreeBytes;
  }

  synchronized long usedBytes() {
    return usedBytes;
  }

  synchronized long maxBytes() {
    return maxBytes;
  }

  synchronized long minFreeBytes() {
    return minFreeBytes;
  }
}
