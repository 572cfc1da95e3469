package org.veilor.seed.blobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;

/** Blobs in memory; counts the readers that are open. */
public final class TestCatalog implements BlobCatalog {
  private final Map<Hash, MemoryBlob> blobs = new HashMap<>();
  private final Map<Hash, String> denied = new HashMap<>();
  private int openReaders;

  /** Creates an empty catalogue. */
  public TestCatalog() {}

  /** The catalogue of {@code live.complete}. */
  public static TestCatalog ofLiveVectors() {
    TestCatalog catalog = new TestCatalog();
    for (JsonNode size : Vectors.blobs().get("live").get("complete").get("pattern_sizes")) {
      catalog.addPattern(size.asInt());
    }
    catalog.addSequence(0, 1025, 16385, 100_000, 1);
    catalog.addSequence(repeatedSizes(1000));
    catalog.addSequence(1025, 1025, 1025, 16385, 1025);
    return catalog;
  }

  /** Sizes of {@code count} children, of which child i has i % 70 bytes. */
  public static int[] repeatedSizes(int count) {
    int[] sizes = new int[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = i % 70;
    }
    return sizes;
  }

  /** Adds a blob. */
  public MemoryBlob add(byte[] data) {
    MemoryBlob blob = MemoryBlob.of(data);
    blobs.put(blob.hash(), blob);
    return blob;
  }

  /** Adds the blob of the vectors with this size. */
  public MemoryBlob addPattern(int size) {
    return add(Vectors.pattern(size));
  }

  /** Adds a hash sequence of pattern blobs, without the blobs. */
  public MemoryBlob addSequence(int... sizes) {
    List<Hash> hashes = new ArrayList<>();
    for (int size : sizes) {
      hashes.add(MemoryBlob.of(Vectors.pattern(size)).hash());
    }
    return add(HashSequence.of(hashes).toBytes());
  }

  /** The bytes of a blob; nothing if it is not here. */
  public byte[] bytes(Hash hash) {
    MemoryBlob blob = blobs.get(hash);
    byte[] out = new byte[blob == null ? 0 : (int) blob.sizeBytes()];
    return blob == null || blob.readData(0, out, 0, out.length) == out.length ? out : new byte[0];
  }

  /** Keeps only some chunks of a blob. */
  public void keepOnly(Hash hash, ChunkRanges present) {
    blobs.computeIfPresent(hash, (_, blob) -> blob.withPresentChunks(present));
  }

  /** Denies a blob from now on. */
  public void deny(Hash hash) {
    denied.put(hash, "denied in a test");
  }

  /** Readers that were opened and not closed. */
  public int openReaders() {
    return openReaders;
  }

  @Override
  public BlobLookup open(Hash hash) {
    String reason = denied.get(hash);
    if (reason != null) {
      return new BlobLookup.Denied(reason);
    }
    MemoryBlob blob = blobs.get(hash);
    if (blob == null) {
      return new BlobLookup.Missing();
    }
    openReaders++;
    return new BlobLookup.Found(new CountedReader(blob));
  }

  private final class CountedReader implements BlobReader {
    private final MemoryBlob blob;
    private boolean closed;

    CountedReader(MemoryBlob blob) {
      this.blob = blob;
    }

    @Override
    public long sizeBytes() {
      return blob.sizeBytes();
    }

    @Override
    public ChunkRanges presentChunks() {
      return blob.presentChunks();
    }

    @Override
    public int readData(long offset, byte[] target, int targetOffset, int length) {
      return blob.readData(offset, target, targetOffset, length);
    }

    @Override
    public void readPair(long pairIndex, byte[] target, int targetOffset) {
      blob.readPair(pairIndex, target, targetOffset);
    }

    @Override
    public void close() {
      if (closed) {
        throw new AssertionError("closed twice");
      }
      closed = true;
      openReaders--;
    }
  }
}
