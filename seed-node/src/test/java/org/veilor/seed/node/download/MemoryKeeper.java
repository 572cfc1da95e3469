package org.veilor.seed.node.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.PartialBlob;
import org.veilor.seed.store.cache.Purpose;

/** A cache in memory. */
final class MemoryKeeper implements BlobKeeper {
  final Map<Hash, Partial> blobs = new ConcurrentHashMap<>();
  Opening.@Nullable Reason notKept;
  long failsAfterBytes = Long.MAX_VALUE;

  /** What is kept, as it must be. */
  Partial kept(Hash hash) {
    return Objects.requireNonNull(blobs.get(hash), "not kept");
  }

  @Override
  public Opening begin(Hash hash, long sizeBytes, Purpose purpose) {
    if (notKept != null) {
      return new Opening.NotKept(notKept);
    }
    Partial blob = blobs.computeIfAbsent(hash, h -> new Partial(h, sizeBytes));
    return blob.committed ? new Opening.Complete() : new Opening.Writer(blob);
  }

  @Override
  public @Nullable BlobReader complete(Hash hash) {
    Partial blob = blobs.get(hash);
    return blob != null && blob.committed ? blob.reader() : null;
  }

  /** One blob. */
  final class Partial implements PartialBlob {
    private final Hash hash;
    final byte[] data;
    private final Map<Long, byte[]> pairs = new ConcurrentHashMap<>();
    private volatile ChunkRanges present = ChunkRanges.EMPTY;
    private long written;
    volatile boolean committed;
    volatile boolean closed;

    Partial(Hash hash, long size) {
      this.hash = hash;
      this.data = new byte[(int) size];
    }

    @Override
    public Hash hash() {
      return hash;
    }

    @Override
    public long sizeBytes() {
      return data.length;
    }

    @Override
    public boolean isSizeProven() {
      return true;
    }

    @Override
    public ChunkRanges present() {
      return present;
    }

    @Override
    public void write(long startChunk, ByteBuffer bytes) throws IOException {
      int length = bytes.remaining();
      written += length;
      if (written > failsAfterBytes) {
        throw new IOException("the disk is broken");
      }
      int offset = Math.toIntExact(startChunk * BaoTree.CHUNK_BYTES);
      bytes.get(data, offset, length);
      long endChunk = Math.ceilDiv(offset + length, BaoTree.CHUNK_BYTES);
      present = present.union(ChunkRanges.range(startChunk, endChunk));
    }

    @Override
    public void writePair(BaoItem.Parent parent, byte[] buffer) {
      pairs.put(parent.pairIndex(), Arrays.copyOf(buffer, 64));
    }

    @Override
    public void sizeProven(long sizeBytes) {
      if (sizeBytes != data.length) {
        throw new IllegalStateException(sizeBytes + " instead of " + data.length);
      }
    }

    @Override
    public BlobReader reader() {
      return new Reader(this);
    }

    @Override
    public void checkpoint() {}

    @Override
    public void commit() {
      BaoTree tree = new BaoTree(data.length);
      if (!present.containsAll(0, tree.chunks()) || pairs.size() != tree.pairs()) {
        throw new IllegalStateException(present + ", " + pairs.size() + " pairs");
      }
      if (!MemoryBlob.of(data).hash().equals(hash)) {
        throw new IllegalStateException("wrong bytes");
      }
      committed = true;
    }

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public void abandon() {
      blobs.remove(hash);
    }
  }

  private record Reader(Partial blob) implements BlobReader {
    @Override
    public long sizeBytes() {
      return blob.data.length;
    }

    @Override
    public int readData(long offset, byte[] target, int targetOffset, int length) {
      int count = (int) Math.min(length, blob.data.length - offset);
      System.arraycopy(blob.data, (int) offset, target, targetOffset, count);
      return count;
    }

    @Override
    public void readPair(long pairIndex, byte[] target, int targetOffset) {
      byte[] pair = Objects.requireNonNull(blob.pairs.get(pairIndex));
      System.arraycopy(pair, 0, target, targetOffset, 64);
    }

    @Override
    public void close() {}
  }
}
