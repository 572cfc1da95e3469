package org.veilor.seed.core.bao;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.core.bao.ResponseDecoder.Event;
import org.veilor.seed.core.bao.ResponseDecoder.Failure;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.testing.Vectors;

/** The 38 corrupted, cut and lying responses on which the real getter gave its verdict. */
class LyingProviderTest {
  private static final MemoryBlob BLOB = MemoryBlob.of(Vectors.pattern(100_000));

  static List<JsonNode> cases() {
    return Vectors.list(Vectors.blobs().get("negative").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void verdict(JsonNode vector) throws IOException {
    byte[] stream = stream(vector);
    assertThat(Blake3Hasher.hash(stream))
        .as("the stream is the one of the vector")
        .hasToString(vector.get("stream_blake3").asText());
    ChunkRanges ranges = Vectors.ranges(vector.get("boundaries"));
    for (int slice : new int[] {stream.length + 1, 1000, 1}) {
      check(vector, ranges, stream, slice);
    }
  }

  private static void check(JsonNode vector, ChunkRanges ranges, byte[] stream, int slice) {
    ResponseDecoder decoder = decoder(ranges, Long.MAX_VALUE);
    int position = 0;
    Event event = new Event.NeedMore();
    while (!(event instanceof Event.Complete || event instanceof Event.Failed)) {
      int length = Math.min(slice, stream.length - position);
      event = decoder.next(stream, position, length);
      position += decoder.consumed();
      if (event instanceof Event.NeedMore && position == stream.length) {
        event = decoder.endOfStream();
      }
    }
    if (vector.get("result").asText().equals("accepted")) {
      assertThat(event).isEqualTo(new Event.Complete());
      assertThat(position).isEqualTo(vector.get("consumed").asInt());
    } else if (vector.get("name").asText().matches("size_lie_.*_0")) {
      // The real getter calls it a leaf mismatch, though memory stores say it in good faith.
      assertThat(event).isEqualTo(new Event.Failed(Failure.SIZE_ZERO, 0, 0));
      assertThat(position).isEqualTo(ResponseEncoder.HEADER_BYTES);
    } else {
      JsonNode node = vector.get("node_chunks");
      long start = node.isNull() ? 0 : node.get(0).asLong();
      long end = node.isNull() ? 0 : node.get(1).asLong();
      assertThat(event)
          .isEqualTo(new Event.Failed(failure(vector.get("result").asText()), start, end));
      assertThat(decoder.next(stream, 0, stream.length)).as("a failure stays").isEqualTo(event);
    }
  }

  private static ResponseDecoder decoder(ChunkRanges ranges, long maxSizeBytes) {
    return new ResponseDecoder(SubtreeEngine.preferred(), BLOB.hash(), ranges, maxSizeBytes);
  }

  private static Failure failure(String result) {
    return switch (result) {
      case "not_found" -> Failure.NOT_FOUND;
      case "header_truncated" -> Failure.HEADER_TRUNCATED;
      case "parent_missing" -> Failure.PARENT_MISSING;
      case "leaf_missing" -> Failure.LEAF_MISSING;
      case "item_truncated" -> Failure.ITEM_TRUNCATED;
      case "parent_mismatch" -> Failure.PARENT_MISMATCH;
      case "leaf_mismatch" -> Failure.LEAF_MISMATCH;
      default -> throw new AssertionError(result);
    };
  }

  private static byte[] stream(JsonNode vector) throws IOException {
    String name = vector.get("name").asText();
    byte[] good = BlobVectorsTest.encode(BLOB, Vectors.ranges(vector.get("boundaries")));
    if (name.startsWith("size_lie")) {
      long lie = Long.parseLong(name.substring(name.lastIndexOf('_') + 1));
      ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).putLong(0, lie);
      return good;
    }
    return switch (name) {
      case "flip_bit_in_root_parent" -> flipped(good, 8);
      case "flip_bit_in_first_leaf" -> flipped(good, 8 + 3 * 64 + 1000);
      case "flip_bit_in_second_parent_right_half" -> flipped(good, 8 + 64 + 32);
      case "one_extra_byte" -> {
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        longer[good.length] = 'x';
        yield longer;
      }
      default -> Arrays.copyOf(good, vector.get("stream_len").asInt());
    };
  }

  private static byte[] flipped(byte[] stream, int at) {
    stream[at] ^= 1;
    return stream;
  }

  @Test
  void everyFlippedBitIsCaughtBeforeItsItemIsYielded() throws IOException {
    ChunkRanges ranges = ChunkRanges.ofBoundaries(15, 17, 97);
    byte[] good = BlobVectorsTest.encode(BLOB, ranges);
    for (int at = ResponseEncoder.HEADER_BYTES; at < good.length; at += 7) {
      byte[] stream = flipped(good.clone(), at);
      ResponseDecoder decoder = decoder(ranges, Long.MAX_VALUE);
      int position = 0;
      Event event = new Event.NeedMore();
      while (!(event instanceof Event.Failed)) {
        event = decoder.next(stream, position, stream.length - position);
        position += decoder.consumed();
        assertThat(event).isNotEqualTo(new Event.Complete());
        if (!(event instanceof Event.Failed)) {
          assertThat(position).as("flipped at %d", at).isLessThanOrEqualTo(at);
        }
      }
      assertThat(((Event.Failed) event).failure())
          .isIn(Failure.PARENT_MISMATCH, Failure.LEAF_MISMATCH);
    }
  }

  @Test
  void sizeIsProvenByTheLastChunkOnly() throws IOException {
    assertThat(provenAfter(ChunkRanges.range(0, 97))).isFalse();
    assertThat(provenAfter(ChunkRanges.LAST_CHUNK)).isTrue();
    assertThat(provenAfter(ChunkRanges.ALL)).isTrue();
  }

  private static boolean provenAfter(ChunkRanges ranges) throws IOException {
    byte[] stream = BlobVectorsTest.encode(BLOB, ranges);
    ResponseDecoder decoder = decoder(ranges, Long.MAX_VALUE);
    int position = 0;
    Event event = new Event.NeedMore();
    while (!(event instanceof Event.Complete)) {
      event = decoder.next(stream, position, stream.length - position);
      position += decoder.consumed();
      assertThat(event).isNotInstanceOf(Event.Failed.class);
    }
    return decoder.isSizeProven();
  }

  /**
   * The root's pair verifies under any size, and the one below it may seem to lie gigabytes further
   * on in the outboard. No pair is yielded before the leaf that settles where it belongs.
   */
  @ParameterizedTest
  @ValueSource(longs = {99_999, 131_072, 131_073, 1L << 40, 1L << 60, Long.MAX_VALUE})
  void pairsUnderWrongSizesAreYieldedInTheirPlacesOnly(long claim) throws IOException {
    for (ChunkRanges ranges :
        List.of(ChunkRanges.ALL, ChunkRanges.LAST_CHUNK, ChunkRanges.from(64))) {
      byte[] stream = BlobVectorsTest.encode(BLOB, ranges);
      ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).putLong(0, claim);
      ResponseDecoder decoder = decoder(ranges, Long.MAX_VALUE);
      int position = 0;
      Event event = new Event.NeedMore();
      boolean leafSeen = false;
      while (!(event instanceof Event.Failed)) {
        event = decoder.next(stream, position, stream.length - position);
        position += decoder.consumed();
        if (event instanceof Event.NeedMore) {
          event = decoder.endOfStream();
        }
        leafSeen |= event instanceof Event.Data;
        if (event instanceof Event.Pair pair && pair.parent().isInOutboard()) {
          byte[] expected = new byte[BaoTree.PAIR_BYTES];
          BLOB.readPair(pair.parent().pairIndex(), expected, 0);
          assertThat(Arrays.copyOf(pair.buffer(), expected.length)).isEqualTo(expected);
        }
      }
      boolean firstLeafIsThere = claim <= 131_072 && !ranges.equals(ChunkRanges.LAST_CHUNK);
      assertThat(leafSeen).isEqualTo(firstLeafIsThere);
    }
  }

  @Test
  void sizesAboveTheLimitAreRefusedAtTheHeader() {
    for (long size : new long[] {100_001, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      byte[] header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(size).array();
      assertThat(decoder(ChunkRanges.ALL, 100_000).next(header, 0, 8))
          .isEqualTo(new Event.Failed(Failure.SIZE_REFUSED, 0, 0));
    }
  }
}
