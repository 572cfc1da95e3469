package org.veilor.seed.node.catalogue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.Outboard;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.store.file.ChannelBytes;

/**
 * A small blob in a file, with its outboard in memory: a 256th of its size, so that a peer which
 * opens many and reads none costs little. The file is open only while it is read.
 */
final class FileBlob implements BlobReader {
  private final Path file;
  private final Outboard outboard;

  private FileBlob(Path file, Outboard outboard) {
    this.file = file;
    this.outboard = outboard;
  }

  /** A reader of a file that has these bytes; null if they are not those of the hash. */
  static @Nullable FileBlob of(Path file, Hash hash, byte[] bytes) {
    Outboard outboard = Outboard.of(SubtreeEngine.preferred(), bytes);
    return outboard.hash().equals(hash) ? new FileBlob(file, outboard) : null;
  }

  @Override
  public long sizeBytes() {
    return outboard.sizeBytes();
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) throws IOException {
    int available = Math.clamp(sizeBytes() - offset, 0, length);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return ChannelBytes.fill(channel, offset, target, targetOffset, available);
    }
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) {
    System.arraycopy(
        outboard.pairs(),
        Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES),
        target,
        targetOffset,
        BaoTree.PAIR_BYTES);
  }

  @Override
  public void close() {}
}
