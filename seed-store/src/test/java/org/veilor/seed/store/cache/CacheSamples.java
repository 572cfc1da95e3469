package org.veilor.seed.store.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Random;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseDecoder;
import org.veilor.seed.core.bao.ResponseEncoder;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/** Blobs of known content, written as a download writes them, and what a cache has to yield. */
final class CacheSamples {
  static final long MIB = 1L << 20;

  private static final SubtreeEngine ENGINE = SubtreeEngine.preferred();

  private CacheSamples() {}

  static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static CacheOptions options(long maxBytes) {
    return CacheOptions.of(maxBytes, 0);
  }

  /** Limits that admit everything at once. */
  static CacheOptions generous(long maxBytes) {
    CacheOptions usual = options(maxBytes);
    return new CacheOptions(maxBytes, 0, usual.clock(), 100, 100);
  }

  static PartialBlob writer(BlobCache cache, MemoryBlob blob) {
    return writer(cache.begin(blob.hash(), blob.sizeBytes(), Purpose.REQUEST));
  }

  static PartialBlob writer(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Writer.class);
    return ((Opening.Writer) opening).blob();
  }

  /** Writes what a verified response for these chunks consists of. */
  static void write(PartialBlob target, MemoryBlob source, ChunkRanges ranges) throws IOException {
    ResponseEncoder encoder = new ResponseEncoder(ENGINE, source.hash(), source, ranges);
    ResponseDecoder decoder =
        new ResponseDecoder(ENGINE, source.hash(), ranges, source.sizeBytes());
    byte[] buffer = new byte[ResponseEncoder.MAX_STEP_BYTES];
    while (encoder.next(buffer) instanceof ResponseEncoder.Step.Bytes step) {
      int taken = 0;
      ResponseDecoder.Event event;
      do {
        event = decoder.next(buffer, taken, step.length() - taken);
        taken += decoder.consumed();
        switch (event) {
          case ResponseDecoder.Event.Pair pair -> target.writePair(pair.parent(), pair.buffer());
          case ResponseDecoder.Event.Data data ->
              target.write(
                  data.leaf().startChunk(),
                  ByteBuffer.wrap(data.buffer(), 0, data.leaf().lengthBytes()));
          case ResponseDecoder.Event.Failed failure -> throw new IOException("" + failure);
          case ResponseDecoder.Event.NeedMore _,
              ResponseDecoder.Event.Header _,
              ResponseDecoder.Event.Complete _ -> {}
        }
      } while (!(event instanceof ResponseDecoder.Event.NeedMore
          || event instanceof ResponseDecoder.Event.Complete));
    }
  }

  /** Writes a whole blob and commits it. */
  static MemoryBlob store(BlobCache cache, byte[] content) throws IOException {
    MemoryBlob blob = MemoryBlob.of(content);
    try (PartialBlob writer = writer(cache, blob)) {
      write(writer, blob, ChunkRanges.ALL);
      writer.commit();
    }
    return blob;
  }

  static BlobReader found(BlobCache cache, Hash hash) throws IOException {
    BlobLookup lookup = cache.open(hash);
    assertThat(lookup).isInstanceOf(BlobLookup.Found.class);
    return ((BlobLookup.Found) lookup).reader();
  }

  static boolean isThere(BlobCache cache, Hash hash) throws IOException {
    if (cache.open(hash) instanceof BlobLookup.Found found) {
      found.reader().close();
      return true;
    }
    return false;
  }

  /** Verifies every chunk that the reader says is present against the hash. */
  static long verify(Hash hash, BlobReader reader) throws IOException {
    ChunkRanges present = reader.presentChunks().slice(0, new BaoTree(reader.sizeBytes()).chunks());
    if (present.isEmpty()) {
      return 0;
    }
    ResponseEncoder encoder = new ResponseEncoder(ENGINE, hash, reader, present);
    byte[] buffer = new byte[ResponseEncoder.MAX_STEP_BYTES];
    long bytes = 0;
    while (true) {
      switch (encoder.next(buffer)) {
        case ResponseEncoder.Step.Bytes step -> bytes += step.payloadBytes();
        case ResponseEncoder.Step.Done _ -> {
          return bytes;
        }
        case ResponseEncoder.Step wrong -> throw new AssertionError(hash + ": " + wrong);
      }
    }
  }

  static void assertServed(BlobCache cache, MemoryBlob blob) throws IOException {
    try (BlobReader reader = found(cache, blob.hash())) {
      assertThat(reader.presentChunks()).isEqualTo(ChunkRanges.ALL);
      assertThat(verify(blob.hash(), reader)).isEqualTo(blob.sizeBytes());
    }
  }

  /** Allocated bytes of everything below a folder and the folder itself, as du counts them. */
  static long diskUse(Path folder) throws IOException {
    AllocatedBytes allocated = AllocatedBytes.of(4096);
    long[] sum = {0};
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          private void add(Path path) {
            try {
              sum[0] += allocated.of(path);
            } catch (NoSuchFileException e) {
              sum[0] += 0; // deleted between listing and looking
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }

          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            add(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            add(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return sum[0];
  }
}
