package org.veilor.seed.core.bao;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;

/** Hashes, outboards and responses of the vector file, which the published crates confirmed. */
class BlobVectorsTest {
  private static final SubtreeEngine ENGINE = SubtreeEngine.preferred();

  static List<JsonNode> blobs() {
    return Vectors.list(Vectors.blobs().get("blobs"));
  }

  static List<JsonNode> liveOutboards() {
    return Vectors.list(Vectors.blobs().get("live").get("outboards"));
  }

  @ParameterizedTest
  @MethodSource({"blobs", "liveOutboards"})
  void hashAndOutboard(JsonNode vector) throws IOException {
    byte[] data = Vectors.pattern(vector.get("size").asInt());
    Outboard outboard = Outboard.of(ENGINE, data);
    assertThat(outboard.hash()).hasToString(vector.get("hash").asText());
    assertThat(outboard.pairs()).hasSize(vector.get("outboard_len").asInt());
    assertThat(Blake3Hasher.hash(outboard.pairs()))
        .hasToString(vector.get("outboard_pre_blake3").asText());

    byte[] pairs = Outboard.allocate(data.length);
    OutboardBuilder builder = new OutboardBuilder(ENGINE, data.length, Outboard.into(pairs));
    Random random = new Random(data.length);
    for (int done = 0; done < data.length; ) {
      int piece = Math.min(data.length - done, random.nextInt(40_000));
      builder.update(data, done, piece);
      done += piece;
    }
    assertThat(builder.finish())
        .isEqualTo(new OutboardBuilder.Result.Built(outboard.hash(), data.length));
    assertThat(pairs).isEqualTo(outboard.pairs());
  }

  @ParameterizedTest
  @MethodSource("blobs")
  void responses(JsonNode vector) throws IOException {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(vector.get("size").asInt()));
    for (JsonNode response : vector.get("responses")) {
      ChunkRanges ranges = Vectors.ranges(response.get("boundaries"));
      byte[] encoded = encode(blob, ranges);
      assertThat(encoded).as(response.toString()).hasSize(response.get("response_len").asInt());
      assertThat(Blake3Hasher.hash(encoded)).hasToString(response.get("response_blake3").asText());
      if (response.has("response_hex")) {
        assertThat(Hex.encode(encoded)).isEqualTo(response.get("response_hex").asText());
      }
      if (response.has("items")) {
        assertThat(items(blob.sizeBytes(), ranges)).isEqualTo(expectedItems(response));
      }
      assertThat(decode(blob.hash(), ranges, encoded, 1 + encoded.length / 3))
          .as(response.get("name").asText())
          .isEqualTo(response.get("payload_len").asLong());
    }
  }

  private static List<String> items(long sizeBytes, ChunkRanges ranges) {
    List<String> out = new ArrayList<>();
    ResponsePlan plan = new ResponsePlan(new BaoTree(sizeBytes), ranges);
    while (plan.hasNext()) {
      BaoItem item = plan.next();
      String type = item instanceof BaoItem.Parent ? "parent" : "leaf";
      out.add(type + item.startChunk() + ".." + item.endChunk() + "=" + item.lengthBytes());
    }
    return out;
  }

  private static List<String> expectedItems(JsonNode response) {
    List<String> out = new ArrayList<>();
    for (JsonNode item : response.get("items")) {
      JsonNode chunks = item.get("chunks");
      out.add(
          item.get("t").asText()
              + chunks.get(0).asLong()
              + ".."
              + chunks.get(1).asLong()
              + "="
              + item.get("len").asInt());
    }
    return out;
  }

  static byte[] encode(MemoryBlob blob, ChunkRanges ranges) throws IOException {
    ResponseEncoder encoder = new ResponseEncoder(ENGINE, blob.hash(), blob, ranges);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[ResponseEncoder.MAX_STEP_BYTES];
    while (encoder.next(buffer) instanceof ResponseEncoder.Step.Bytes bytes) {
      out.write(buffer, 0, bytes.length());
    }
    assertThat(encoder.next(buffer)).isInstanceOf(ResponseEncoder.Step.Done.class);
    return out.toByteArray();
  }

  /** Decodes in slices and returns the number of payload bytes, after comparing them. */
  static long decode(Hash hash, ChunkRanges ranges, byte[] response, int slice) {
    ResponseDecoder decoder = new ResponseDecoder(ENGINE, hash, ranges, Long.MAX_VALUE);
    long payload = 0;
    int position = 0;
    while (true) {
      int length = Math.min(slice, response.length - position);
      ResponseDecoder.Event event = decoder.next(response, position, length);
      position += decoder.consumed();
      switch (event) {
        case ResponseDecoder.Event.Data data -> {
          for (int i = 0; i < data.leaf().lengthBytes(); i++) {
            assertThat(data.buffer()[i]).isEqualTo((byte) ((data.leaf().offsetBytes() + i) % 251));
          }
          payload += data.leaf().lengthBytes();
        }
        case ResponseDecoder.Event.Complete complete -> {
          assertThat(position).isEqualTo(response.length);
          assertThat(decoder.endOfStream()).isEqualTo(complete);
          return payload;
        }
        case ResponseDecoder.Event.Failed failed -> throw new AssertionError(failed);
        case ResponseDecoder.Event.NeedMore _ -> assertThat(position).isLessThan(response.length);
        case ResponseDecoder.Event.Header header ->
            assertThat(header.claimedSizeBytes()).isNotNegative();
        case ResponseDecoder.Event.Pair pair ->
            assertThat(pair.parent().lengthBytes()).isEqualTo(64);
      }
    }
  }
}
