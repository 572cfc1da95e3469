package org.veilor.seed.node.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.store.cache.TemporaryRoom;

/** A verified blob in a file that nobody else knows; the file goes when the blob is closed. */
public final class SpooledBlob implements BlobReader {
  private final FileChannel channel;
  private final long sizeBytes;
  private final byte[] pairs;
  private final TemporaryRoom room;

  SpooledBlob(FileChannel channel, long sizeBytes, byte[] pairs, TemporaryRoom room) {
    this.room = room;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
    this.pairs = pairs;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) throws IOException {
    int wanted = (int) Math.min(length, Math.max(0, sizeBytes - offset));
    ByteBuffer out = ByteBuffer.wrap(target, targetOffset, wanted);
    while (out.hasRemaining()) {
      int count = channel.read(out, offset + out.position() - targetOffset);
      if (count < 0) {
        break;
      }
    }
    return out.position() - targetOffset;
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) {
    int from = Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES);
    System.arraycopy(pairs, from, target, targetOffset, BaoTree.PAIR_BYTES);
  }

  @Override
  public void close() {
    try {
      channel.close();
      room.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
