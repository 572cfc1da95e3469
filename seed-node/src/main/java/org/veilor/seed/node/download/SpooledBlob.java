package org.veilor.seed.node.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.store.cache.TemporaryRoom;
import org.veilor.seed.store.file.ChannelBytes;

/**
 * A verified blob in a file that nobody else knows, its outboard behind the data; the file goes
 * when the blob is closed.
 */
public final class SpooledBlob implements BlobReader, OriginBlob {
  private final FileChannel channel;
  private final long sizeBytes;
  private final TemporaryRoom room;

  SpooledBlob(FileChannel channel, long sizeBytes, TemporaryRoom room) {
    this.room = room;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public int readData(long offset, byte[] target, int targetOffset, int length) throws IOException {
    return read(offset, target, targetOffset, Math.clamp(sizeBytes - offset, 0, length));
  }

  private int read(long position, byte[] target, int targetOffset, int length) throws IOException {
    return ChannelBytes.fill(channel, position, target, targetOffset, length);
  }

  @Override
  public void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException {
    read(sizeBytes + pairIndex * BaoTree.PAIR_BYTES, target, targetOffset, BaoTree.PAIR_BYTES);
  }

  @Override
  public BlobReader view(ChunkRanges wanted) {
    return new BlobReader() {
      @Override
      public long sizeBytes() {
        return sizeBytes;
      }

      @Override
      public int readData(long offset, byte[] target, int targetOffset, int length)
          throws IOException {
        return SpooledBlob.this.readData(offset, target, targetOffset, length);
      }

      @Override
      public void readPair(long pairIndex, byte[] target, int targetOffset) throws IOException {
        SpooledBlob.this.readPair(pairIndex, target, targetOffset);
      }

      @Override
      public void close() {}
    };
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
