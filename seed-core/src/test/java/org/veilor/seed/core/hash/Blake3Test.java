package org.veilor.seed.core.hash;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.simd.VectorEngine;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;

/** The official vectors of BLAKE3, and the scalar engine against an independent implementation. */
class Blake3Test {
  private static final JsonNode OFFICIAL = Vectors.read("blake3.json");

  static List<JsonNode> cases() {
    return Vectors.list(OFFICIAL.get("cases"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void officialVectorsOfAllModes(JsonNode vector) {
    byte[] input = Vectors.pattern(vector.get("input_len").asInt());
    byte[] key = OFFICIAL.get("key").asText().getBytes(US_ASCII);
    String context = OFFICIAL.get("context_string").asText();
    assertThat(extended(Blake3Hasher.unkeyed(), input, vector.get("hash")))
        .isEqualTo(vector.get("hash").asText());
    assertThat(extended(Blake3Hasher.keyed(key), input, vector.get("keyed_hash")))
        .isEqualTo(vector.get("keyed_hash").asText());
    assertThat(extended(Blake3Hasher.derivingKey(context), input, vector.get("derive_key")))
        .isEqualTo(vector.get("derive_key").asText());
  }

  private static String extended(Blake3Hasher hasher, byte[] input, JsonNode expected) {
    hasher.update(input, 0, input.length);
    return Hex.encode(hasher.finish(expected.asText().length() / 2));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void officialVectorsOnEveryEngine(JsonNode vector) {
    byte[] input = Vectors.pattern(vector.get("input_len").asInt());
    String expected = vector.get("hash").asText().substring(0, 64);
    for (Blake3Engine engine :
        List.of(ScalarEngine.INSTANCE, new VectorEngine(), ReferenceEngine.INSTANCE)) {
      assertThat(engine.hash(input, 0, input.length)).as(engine.name()).hasToString(expected);
    }
  }

  @Test
  void piecesOfAnyLengthGiveTheSameHash() {
    Random random = new Random(0x5eed);
    byte[] input = new byte[70_000];
    random.nextBytes(input);
    for (int round = 0; round < 50; round++) {
      int length = random.nextInt(input.length + 1);
      Blake3Hasher hasher = Blake3Hasher.unkeyed();
      for (int done = 0; done < length; ) {
        int piece = Math.min(length - done, random.nextInt(4000));
        hasher.update(input, done, piece);
        done += piece;
      }
      assertThat(hasher.finish())
          .as("length %d", length)
          .isEqualTo(ReferenceEngine.INSTANCE.hash(input, 0, length));
    }
  }

  @Test
  void finishingDoesNotDisturbLaterInput() {
    byte[] input = Vectors.pattern(5000);
    Blake3Hasher hasher = Blake3Hasher.unkeyed();
    hasher.update(input, 0, 3000);
    assertThat(hasher.finish()).isEqualTo(ReferenceEngine.INSTANCE.hash(input, 0, 3000));
    hasher.update(input, 3000, 2000);
    assertThat(hasher.finish()).isEqualTo(ReferenceEngine.INSTANCE.hash(input, 0, 5000));
  }

  @Test
  void extendableOutputIsAPrefixOfLongerOutput() {
    Blake3Hasher hasher = Blake3Hasher.unkeyed().update(Vectors.pattern(2049), 0, 2049);
    byte[] longest = hasher.finish(1000);
    for (int length : new int[] {1, 32, 63, 64, 65, 128, 999}) {
      assertThat(longest).startsWith(hasher.finish(length));
    }
  }

  static List<SubtreeEngine> subtreeEngines() {
    return List.of(ScalarEngine.INSTANCE, new VectorEngine(), SubtreeEngine.preferred());
  }

  @ParameterizedTest
  @MethodSource("subtreeEngines")
  void chunkGroupValuesDependOnPositionAndRoot(SubtreeEngine engine) {
    JsonNode expected = Vectors.blobs().get("chunk_group_values");
    byte[] blob = Vectors.pattern(32769);
    byte[] values = new byte[96];
    engine.groupValues(blob, 0, 2, 0, values, 0);
    engine.subtreeValue(blob, 32768, 1, 32, false, values, 64);
    assertThat(Hash.of(values, 0)).hasToString(expected.get("non_root_cv_chunks_0_16").asText());
    assertThat(Hash.of(values, 32)).hasToString(expected.get("non_root_cv_chunks_16_32").asText());
    assertThat(Hash.of(values, 64)).hasToString(expected.get("non_root_cv_chunk_32").asText());

    byte[] pair = new byte[64];
    engine.parentValues(values, 0, 1, pair, 0);
    assertThat(Hash.of(pair, 0)).hasToString(expected.get("node_0_32").asText());
    System.arraycopy(values, 64, pair, 32, 32);
    engine.parentValue(pair, 0, true, pair, 0);
    assertThat(Hash.of(pair, 0)).hasToString(expected.get("root").asText());
  }
}
