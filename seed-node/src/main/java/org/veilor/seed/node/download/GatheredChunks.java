package org.veilor.seed.node.download;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;

/**
 * Verified leaves that follow each other and are to be written together: a file system takes 256
 * KiB at once for half the time that it needs for sixteen times 16 KiB. One thread.
 */
final class GatheredChunks {
  /** Memory outside the heap for all downloads; each borrows it while it has something to write. */
  static final class Pool {
    private static final int BUFFER_BYTES = 256 * 1024;

    /** More threads than this seldom write at once. */
    private static final int MAX_SPARE = 8;

    private final ConcurrentLinkedQueue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();

    private ByteBuffer take() {
      ByteBuffer buffer = spare.poll();
      return buffer == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : buffer.clear();
    }

    private void giveBack(ByteBuffer buffer) {
      if (spare.size() < MAX_SPARE) {
        spare.add(buffer);
      }
    }
  }

  private final Pool pool;
  private @Nullable ByteBuffer bytes;
  private long startChunk;
  private long endChunk;

  GatheredChunks(Pool pool) {
    this.pool = pool;
  }

  boolean isEmpty() {
    return bytes == null;
  }

  long startChunk() {
    return startChunk;
  }

  long endChunk() {
    return endChunk;
  }

  boolean contains(long chunk) {
    return bytes != null && chunk >= startChunk && chunk < endChunk;
  }

  /** Takes a leaf; whether it follows the others and has room. */
  boolean append(BaoItem.Leaf leaf, byte[] buffer) {
    ByteBuffer open = bytes;
    if (open == null) {
      open = pool.take();
      bytes = open;
      startChunk = leaf.startChunk();
    } else if (leaf.startChunk() != endChunk || leaf.lengthBytes() > open.remaining()) {
      return false;
    }
    open.put(buffer, 0, leaf.lengthBytes());
    endChunk = leaf.endChunk();
    return true;
  }

  /** The bytes, from position to limit of a view. */
  ByteBuffer bytes() {
    return bytes == null ? ByteBuffer.allocate(0) : bytes.duplicate().flip();
  }

  /** A copy of a chunk group that begins at a chunk. */
  byte[] group(long chunk) {
    ByteBuffer all = bytes();
    all.position(Math.toIntExact((chunk - startChunk) * BaoTree.CHUNK_BYTES));
    byte[] group = new byte[Math.min(BaoTree.GROUP_BYTES, all.remaining())];
    all.get(group);
    return group;
  }

  void clear() {
    if (bytes != null) {
      pool.giveBack(bytes);
      bytes = null;
    }
  }
}
