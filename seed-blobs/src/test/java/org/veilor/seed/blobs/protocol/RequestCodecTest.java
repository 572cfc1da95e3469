package org.veilor.seed.blobs.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/** The wire form of requests and observe items, against vectors and against a naive list. */
class RequestCodecTest {
  private static final ChunkRanges ALL = ChunkRanges.ALL;
  private static final ChunkRanges NOTHING = ChunkRanges.EMPTY;
  private static final ChunkRanges LAST = ChunkRanges.LAST_CHUNK;

  static List<JsonNode> requests() {
    return Vectors.list(Vectors.blobs().get("requests"));
  }

  private static Hash hash(int fill) {
    byte[] bytes = new byte[Hash.LENGTH];
    Arrays.fill(bytes, (byte) fill);
    return Hash.of(bytes);
  }

  @ParameterizedTest
  @MethodSource("requests")
  void requestVectors(JsonNode vector) throws MalformedException {
    byte[] bytes = Vectors.hex(vector.get("hex").asText());
    String name = vector.get("name").asText();
    if (name.startsWith("reserved_slot")) {
      assertThat(RequestCodec.isKnownType(bytes[0])).isFalse();
      return;
    }
    Request expected = expected(name);
    assertThat(Hex.encode(RequestCodec.encode(expected))).isEqualTo(vector.get("hex").asText());
    int bodyOffset = bytes[0] == RequestCodec.PUSH ? 2 : 1;
    assertThat(RequestCodec.decodeBody(bytes[0], bytes, bodyOffset, bytes.length - bodyOffset))
        .isEqualTo(expected);
  }

  private static Request expected(String name) {
    Hash hash = hash(0xda);
    List<Hash> two = List.of(hash(0x11), hash(0x22));
    return switch (name) {
      case "observe" -> new Request.Observe(hash, ALL);
      case "push_blob_header" -> new Request.Push(Request.Get.blob(hash));
      case "push_hashseq_header" -> new Request.Push(Request.Get.hashSequence(hash));
      case "get_many_two_blobs" -> new Request.GetMany(two, upTo(2));
      case "get_many_collected" ->
          new Request.GetMany(List.of(hash(0x11), hash(0x22), hash(0x33)), upTo(3));
      case "get_many_all_infinite" -> new Request.GetMany(two, ChunkRangesSequence.ALL);
      case "get_many_mixed" ->
          new Request.GetMany(
              two,
              ChunkRangesSequence.builder()
                  .add(0, ALL)
                  .add(1, ChunkRanges.range(0, 1))
                  .add(2, NOTHING)
                  .build());
      default -> new Request.Get(hash, expectedGet(name));
    };
  }

  private static ChunkRangesSequence upTo(long end) {
    return ChunkRangesSequence.builder().add(0, ALL).add(end, NOTHING).build();
  }

  private static ChunkRangesSequence expectedGet(String name) {
    return switch (name) {
      case "get_blob", "get_root_of_hashseq_only" -> ChunkRangesSequence.single(ALL);
      case "get_all" -> ChunkRangesSequence.ALL;
      case "get_first_16KiB" -> ChunkRangesSequence.single(ChunkRanges.ofBytes(0, 16_384));
      case "get_bytes_0_1000" -> ChunkRangesSequence.single(ChunkRanges.ofBytes(0, 1000));
      case "get_tail_from_chunk_15" -> ChunkRangesSequence.single(ChunkRanges.from(15));
      case "get_verified_size" -> ChunkRangesSequence.single(LAST);
      case "get_chunks_0_10_and_100_110" ->
          ChunkRangesSequence.single(ChunkRanges.ofBoundaries(0, 10, 100, 110));
      case "get_first_and_last_chunk" ->
          ChunkRangesSequence.single(ChunkRanges.range(0, 1).union(LAST));
      case "get_hashseq_and_child_sizes" -> ChunkRangesSequence.rootAndChildren(ALL, LAST);
      case "get_child_1_only" -> ChunkRangesSequence.only(2, ALL);
      case "get_child_0_only" -> ChunkRangesSequence.only(1, ALL);
      case "get_root_child0_child2" ->
          ChunkRangesSequence.builder()
              .add(0, ALL)
              .add(1, ALL)
              .add(2, NOTHING)
              .add(3, ALL)
              .add(4, NOTHING)
              .build();
      case "get_resume_child1_from_1000000_then_all" ->
          ChunkRangesSequence.builder()
              .add(0, NOTHING)
              .add(2, ChunkRanges.from(1_000_000))
              .add(3, ALL)
              .build();
      case "get_first_chunk_of_each_child" ->
          ChunkRangesSequence.rootAndChildren(ALL, ChunkRanges.range(0, 1));
      case "get_nothing" -> ChunkRangesSequence.EMPTY;
      default -> throw new AssertionError(name);
    };
  }

  /** What the real getter sends and the real provider understood is written here the same. */
  @Test
  void liveRequestsAreReadAndWrittenTheSame() throws MalformedException {
    JsonNode live = Vectors.blobs().get("live");
    List<String> requests = new ArrayList<>();
    live.get("getter_requests")
        .forEach(call -> call.get("streams").forEach(stream -> addRequest(stream, requests)));
    live.get("complete").get("cases").forEach(vector -> addRequest(vector, requests));
    assertThat(requests).hasSizeGreaterThan(800);
    for (String hex : requests) {
      byte[] bytes = Vectors.hex(hex);
      Request request = RequestCodec.decodeBody(bytes[0], bytes, 1, bytes.length - 1);
      assertThat(Hex.encode(RequestCodec.encode(request))).isEqualTo(hex);
    }
  }

  private static void addRequest(JsonNode vector, List<String> requests) {
    String name = vector.has("name") ? vector.get("name").asText() : "";
    boolean canonical = !name.startsWith("trailing_garbage") && !name.startsWith("overlong");
    if (canonical
        && vector.has("request_hex")
        && !vector.get("request_hex").asText().startsWith("08")) {
      requests.add(vector.get("request_hex").asText());
    }
  }

  static List<JsonNode> observeItems() {
    return Vectors.list(Vectors.blobs().get("observe_items"));
  }

  @ParameterizedTest
  @MethodSource("observeItems")
  void observeItemVectors(JsonNode vector) throws MalformedException {
    byte[] frame = Vectors.hex(vector.get("hex").asText());
    ObserveItem item =
        new ObserveItem(vector.get("size").asLong(), Vectors.ranges(vector.get("boundaries")));
    assertThat(item.encodeFrame()).isEqualTo(frame);
    assertThat(ObserveItem.decode(Arrays.copyOfRange(frame, 1, frame.length))).isEqualTo(item);
  }

  @Test
  void observeItemsAreCanonical() {
    assertThat(ObserveItem.of(100_000, ChunkRanges.range(0, 98)).ranges()).isEqualTo(ALL);
    assertThat(ObserveItem.of(100_000, ChunkRanges.range(96, 98)).ranges())
        .isEqualTo(ChunkRanges.from(96));
    assertThat(ObserveItem.of(0, ALL).ranges()).isEqualTo(ALL);
    assertThatThrownBy(() -> ObserveItem.decode(Vectors.hex("0502030305")))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> ObserveItem.decode(Vectors.hex("050203")))
        .isInstanceOf(MalformedException.class);
  }

  /** Random lists against an array that holds one set per index. */
  @RepeatedTest(50)
  void sequenceAgainstANaiveList(RepetitionInfo repetition) throws MalformedException {
    long seed = 0x5e9L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    List<ChunkRanges> naive = new ArrayList<>();
    ChunkRangesSequence.Builder builder = ChunkRangesSequence.builder();
    int length = random.nextInt(12);
    ChunkRanges[] choices = {NOTHING, ALL, LAST, ChunkRanges.range(3, 5)};
    for (int i = 0; i < length; i++) {
      naive.add(choices[random.nextInt(choices.length)]);
      builder.add(i, naive.getLast());
    }
    ChunkRangesSequence sequence = builder.build();
    ChunkRanges tail = naive.isEmpty() ? NOTHING : naive.getLast();
    for (int index = 0; index < length + 3; index++) {
      ChunkRanges expected = index < length ? naive.get(index) : tail;
      assertThat(sequence.at(index)).as("seed %d", seed).isEqualTo(expected);
      int next = index;
      while (next < length && naive.get(next).isEmpty()) {
        next++;
      }
      boolean none = next >= length && tail.isEmpty();
      assertThat(sequence.nextNonEmpty(index))
          .as("seed %d", seed)
          .isEqualTo(none ? OptionalLong.empty() : OptionalLong.of(next));
    }
    assertThat(sequence.isFinite()).isEqualTo(tail.isEmpty());
    assertThat(sequence.isSingleBlob()).isEqualTo(sequence.nextNonEmpty(1).isEmpty());
    PostcardWriter out = new PostcardWriter();
    sequence.encode(out);
    assertThat(ChunkRangesSequence.decode(new PostcardReader(out.toBytes()))).isEqualTo(sequence);
  }

  @Test
  void indicesAreUnsigned() {
    ChunkRangesSequence sequence =
        ChunkRangesSequence.builder().add(5, ALL).add(6, NOTHING).add(-1L, ALL).build();
    assertThat(sequence.nextNonEmpty(6)).hasValue(-1L);
    assertThat(sequence.at(-1L)).isEqualTo(ALL);
    assertThat(sequence.at(Long.MAX_VALUE)).isEqualTo(NOTHING);
    assertThatThrownBy(() -> ChunkRangesSequence.builder().add(-1L, ALL).add(1, NOTHING))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
