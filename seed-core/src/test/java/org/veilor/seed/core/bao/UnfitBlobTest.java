package org.veilor.seed.core.bao;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.bao.ResponseEncoder.Step;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.testing.Vectors;

/** Blobs that are incomplete, damaged, or changed on disk are never served wrongly. */
class UnfitBlobTest {
  static List<JsonNode> partialBlobs() {
    return Vectors.list(Vectors.blobs().get("live").get("partial").get("cases"));
  }

  /** The encoder stops exactly where the real provider ran out of data. */
  @ParameterizedTest
  @MethodSource("partialBlobs")
  void partialBlobs(JsonNode vector) throws IOException {
    MemoryBlob complete = MemoryBlob.of(Vectors.pattern(vector.get("size").asInt()));
    ChunkRanges present = Vectors.ranges(vector.get("present")).canonicalise(complete.sizeBytes());
    MemoryBlob blob = complete.withPresentChunks(present);
    for (JsonNode request : vector.get("requests")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ChunkRanges ranges = Vectors.ranges(request.get("boundaries"));
      Step end = encode(blob.hash(), blob, ranges, out);
      String label = "present " + vector.get("present") + ", " + request.get("name");
      assertThat(out.size()).as(label).isEqualTo(request.get("prefix_len").asInt());
      assertThat(Blake3Hasher.hash(out.toByteArray()))
          .as(label)
          .hasToString(request.get("prefix_blake3").asText());
      if (request.get("end").asText().equals("fin")) {
        assertThat(end).as(label).isEqualTo(new Step.Done());
      } else {
        assertThat(end).as(label).isInstanceOf(Step.Missing.class);
      }
    }
  }

  private static Step encode(
      Hash hash, BlobReader reader, ChunkRanges ranges, ByteArrayOutputStream out)
      throws IOException {
    ResponseEncoder encoder = new ResponseEncoder(SubtreeEngine.preferred(), hash, reader, ranges);
    byte[] buffer = new byte[ResponseEncoder.MAX_STEP_BYTES];
    Step step = encoder.next(buffer);
    while (step instanceof Step.Bytes bytes) {
      out.write(buffer, 0, bytes.length());
      step = encoder.next(buffer);
    }
    return step;
  }

  /** A blob in which one byte of the data or of the outboard has changed since its import. */
  private record Damaged(MemoryBlob blob, long dataOffset, long pairOffset, int shorterBy)
      implements BlobReader {
    @Override
    public long sizeBytes() {
      return blob.sizeBytes();
    }

    @Override
    public int readData(long offset, byte[] target, int targetOffset, int length) {
      int read = blob.readData(offset, target, targetOffset, length);
      if (dataOffset >= offset && dataOffset < offset + read) {
        target[targetOffset + (int) (dataOffset - offset)] ^= 4;
      }
      return (int) Math.min(read, sizeBytes() - shorterBy - offset);
    }

    @Override
    public void readPair(long pairIndex, byte[] target, int targetOffset) {
      blob.readPair(pairIndex, target, targetOffset);
      if (pairOffset / 64 == pairIndex && pairOffset >= 0) {
        target[targetOffset + (int) (pairOffset % 64)] ^= 4;
      }
    }

    @Override
    public void close() {
      blob.close();
    }
  }

  @Test
  void damagedDataStopsBeforeItsGroup() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(100_000));
    for (int group = 0; group < 7; group++) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Damaged damaged = new Damaged(blob, group * 16384L + 77, -1, 0);
      assertThat(encode(blob.hash(), damaged, ChunkRanges.ALL, out))
          .isEqualTo(new Step.Corrupt(group * 16L));
      byte[] whole = BlobVectorsTest.encode(blob, ChunkRanges.ALL);
      assertThat(whole).startsWith(out.toByteArray());
      assertThat(out.size()).isBetween(group * 16384, (group + 1) * 16384);
    }
  }

  @Test
  void damagedGroupIsNotServedEvenIfTheRequestedChunkIsIntact() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(100_000));
    Damaged damaged = new Damaged(blob, 20 * 1024, -1, 0);
    assertThat(encode(blob.hash(), damaged, ChunkRanges.range(25, 26), new ByteArrayOutputStream()))
        .isEqualTo(new Step.Corrupt(16));
  }

  @Test
  void damagedOutboardStopsBeforeThePair() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(100_000));
    for (int pair = 0; pair < 6; pair++) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Step end = encode(blob.hash(), new Damaged(blob, -1, pair * 64L, 0), ChunkRanges.ALL, out);
      assertThat(end).isInstanceOf(Step.Corrupt.class);
      assertThat(BlobVectorsTest.encode(blob, ChunkRanges.ALL)).startsWith(out.toByteArray());
    }
  }

  @Test
  void truncatedFileIsCorrupt() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(100_000));
    assertThat(
            encode(
                blob.hash(),
                new Damaged(blob, -1, -1, 1),
                ChunkRanges.ALL,
                new ByteArrayOutputStream()))
        .isEqualTo(new Step.Corrupt(96));
  }

  @Test
  void wrongHashIsCorruptAtOnce() throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(100));
    assertThat(encode(Hash.EMPTY_BLOB, blob, ChunkRanges.ALL, new ByteArrayOutputStream()))
        .isEqualTo(new Step.Corrupt(0));
  }
}
