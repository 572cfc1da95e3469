package org.veilor.seed.store.cache;

import org.veilor.seed.core.bao.BaoTree;

/**
 * How many bytes of the disk a blob takes at most while it is written.
 *
 * <p>Beside data, outboard and two bitfields (the new one is written before the old one goes) there
 * is what the file system needs to find the blocks of a file that is filled in random order: an
 * ext4 extent takes 12 bytes, a group of 16 KiB is written at once, and nodes of the tree are at
 * least a third full, so a block of the tree stands for more than 100 groups.
 */
record Blocks(int blockBytes) {
  private static final int EXTENTS_IN_INODE = 4;
  private static final int EXTENTS_IN_BLOCK = 100;
  private static final int SPARE_BLOCKS = 2;

  static long roundUp(long bytes, long blockBytes) {
    return (bytes + blockBytes - 1) / blockBytes * blockBytes;
  }

  /** Rounds up to whole blocks. */
  long roundUp(long bytes) {
    return roundUp(bytes, blockBytes);
  }

  /** What a writer reserves for a blob of {@code sizeBytes} bytes. */
  long writing(long sizeBytes) {
    BaoTree tree = new BaoTree(sizeBytes);
    long groups = tree.groups();
    return roundUp(sizeBytes)
        + extents(groups)
        + roundUp(tree.outboardBytes())
        + extents(tree.outboardBytes() / BaoTree.PAIR_BYTES / PairPages.PAGE_PAIRS)
        + (groups > 1 ? 2 * roundUp(Bitfield.fileBytes(groups)) : 0)
        + (long) CacheLimits.FOLDER_BLOCKS * blockBytes;
  }

  private long extents(long pieces) {
    return pieces <= EXTENTS_IN_INODE ? 0 : (pieces / EXTENTS_IN_BLOCK + SPARE_BLOCKS) * blockBytes;
  }
}
