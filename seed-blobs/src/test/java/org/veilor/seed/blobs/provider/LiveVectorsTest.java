package org.veilor.seed.blobs.provider;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;

/**
 * Everything that the real provider was asked, asked here: the same bytes, the same ends.
 *
 * <p>Three kinds of answers differ on purpose (the specification's section 2.8 allows them): where
 * data runs out behind bytes that were already sent, the real provider resets, which destroys them;
 * here the stream is finished at the item boundary. Children whose hash lies in a chunk group of
 * the root that is not completely here are not served, because the group cannot be verified. And
 * the empty blob can be observed like any other.
 */
class LiveVectorsTest {
  private static final JsonNode LIVE = Vectors.blobs().get("live");
  private static final TestCatalog COMPLETE = TestCatalog.ofLiveVectors();

  private static void checkBytes(JsonNode expected, Exchange exchange) {
    String label = expected.get("name").asText();
    assertThat(exchange.response()).as(label).hasSize(expected.get("response_len").asInt());
    if (expected.has("response_blake3")) {
      assertThat(Blake3Hasher.hash(exchange.response()))
          .as(label)
          .hasToString(expected.get("response_blake3").asText());
    }
    if (expected.has("response_hex")) {
      assertThat(Hex.encode(exchange.response()))
          .as(label)
          .isEqualTo(expected.get("response_hex").asText());
    }
  }

  @Test
  void completeBlobs() {
    int cases = 0;
    for (JsonNode vector : LIVE.get("complete").get("cases")) {
      Exchange exchange = Exchange.run(COMPLETE, requestBytes(vector));
      assertThat(exchange.end()).as(vector.get("name").asText()).isEqualTo("fin");
      checkBytes(vector, exchange);
      cases++;
    }
    assertThat(cases).isEqualTo(819);
    assertThat(COMPLETE.openReaders()).isZero();
  }

  static List<JsonNode> generatedBlobs() {
    return Vectors.list(Vectors.blobs().get("blobs"));
  }

  @ParameterizedTest
  @MethodSource("generatedBlobs")
  void generatedResponses(JsonNode blob) {
    TestCatalog catalog = new TestCatalog();
    catalog.addPattern(blob.get("size").asInt());
    for (JsonNode vector : blob.get("responses")) {
      Exchange exchange =
          Exchange.run(catalog, Vectors.hex(vector.get("get_request_hex").asText()), true, 7);
      assertThat(exchange.end()).isEqualTo("fin");
      checkBytes(vector, exchange);
    }
  }

  @Test
  void collectionAndGetMany() {
    JsonNode vector = Vectors.blobs().get("collection");
    TestCatalog catalog = new TestCatalog();
    catalog.add(Vectors.hex(vector.get("hashseq_hex").asText()));
    catalog.add(Vectors.hex(vector.get("meta_hex").asText()));
    catalog.add("hello".getBytes(US_ASCII));
    catalog.addPattern(20_000);
    for (String name : List.of("get_all", "get_sizes")) {
      Exchange exchange =
          Exchange.run(catalog, Vectors.hex(vector.get(name + "_request_hex").asText()));
      assertThat(exchange.end()).isEqualTo("fin");
      assertThat(exchange.response()).hasSize(vector.get(name + "_response_len").asInt());
      assertThat(Blake3Hasher.hash(exchange.response()))
          .hasToString(vector.get(name + "_response_blake3").asText());
    }
    JsonNode many = Vectors.blobs().get("get_many_response");
    Exchange exchange = Exchange.run(catalog, Vectors.hex(many.get("request_hex").asText()));
    assertThat(Hex.encode(exchange.response())).isEqualTo(many.get("response_hex").asText());
  }

  static List<JsonNode> malformed() {
    return Vectors.list(LIVE.get("malformed").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedRequests(JsonNode vector) {
    byte[] request = requestBytes(vector);
    boolean fin = !vector.has("fin_sent") || vector.get("fin_sent").asBoolean();
    for (int slice : new int[] {request.length + 1, 1000, 1}) {
      Exchange exchange = Exchange.run(COMPLETE, request, fin, slice);
      assertThat(exchange.end()).isEqualTo(vector.get("end").asText());
      checkBytes(vector, exchange);
    }
  }

  private static byte[] requestBytes(JsonNode vector) {
    if (vector.has("request_hex")) {
      return Vectors.hex(vector.get("request_hex").asText());
    }
    byte[] prefix = Vectors.hex(vector.get("request_prefix_hex").asText());
    int length = vector.get("request_len").asInt();
    byte[] request = Arrays.copyOf(prefix, length);
    byte fill = Vectors.hex(vector.get("request_fill").asText())[0];
    Arrays.fill(request, prefix.length, length, fill);
    return request;
  }

  @Test
  void unreadBytesAreStopped() {
    Hash hash = MemoryBlob.of(Vectors.pattern(1025)).hash();
    byte[] good = RequestCodec.encode(Request.Get.blob(hash));
    assertThat(Exchange.run(COMPLETE, new byte[] {2}, false, 1).stopSending()).isZero();
    byte[] tooLong = Arrays.copyOf(good, (1 << 20) + 2);
    assertThat(Exchange.run(COMPLETE, tooLong, false, 5000).stopSending()).isZero();
    assertThat(Exchange.run(COMPLETE, new byte[] {0, 1, 2}, true, 3).stopSending()).isEqualTo(-1);
  }

  private static TestCatalog missingCatalog() {
    TestCatalog catalog = new TestCatalog();
    catalog.addPattern(1025);
    catalog.addPattern(100_000);
    catalog.addPattern(100);
    catalog.addSequence(1025, 16385, 100_000);
    return catalog;
  }

  static List<JsonNode> missing() {
    return Vectors.list(LIVE.get("missing").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("missing")
  void missingBlobs(JsonNode vector) {
    TestCatalog catalog = missingCatalog();
    Exchange exchange = Exchange.run(catalog, Vectors.hex(vector.get("request_hex").asText()));
    if (vector.get("end").asText().equals("fin")) {
      assertThat(exchange.end()).isEqualTo("fin");
      checkBytes(vector, exchange);
    } else {
      // At most what the real provider was ever seen to deliver, and at least that: nothing is
      // lost.
      List<Integer> seen = new ArrayList<>();
      vector.get("response_len_seen").forEach(length -> seen.add(length.asInt()));
      assertThat(exchange.response().length)
          .isGreaterThanOrEqualTo(seen.stream().mapToInt(length -> length).max().orElseThrow());
      assertThat(exchange.end()).isEqualTo(exchange.response().length == 0 ? "reset 3" : "fin");
    }
    assertThat(catalog.openReaders()).isZero();
  }

  static List<JsonNode> partialBlobs() {
    return Vectors.list(LIVE.get("partial").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("partialBlobs")
  void partialBlobs(JsonNode vector) {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(vector.get("size").asInt());
    catalog.keepOnly(
        blob.hash(), Vectors.ranges(vector.get("present")).canonicalise(blob.sizeBytes()));
    for (JsonNode request : vector.get("requests")) {
      Exchange exchange = Exchange.run(catalog, Vectors.hex(request.get("request_hex").asText()));
      assertThat(exchange.end()).as("hardened where the real one resets").isEqualTo("fin");
      assertThat(exchange.response()).hasSize(request.get("prefix_len").asInt());
      assertThat(Blake3Hasher.hash(exchange.response()))
          .hasToString(request.get("prefix_blake3").asText());
    }
  }

  static List<JsonNode> partialRoots() {
    return Vectors.list(LIVE.get("partial_root").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("partialRoots")
  void partialRoots(JsonNode vector) {
    TestCatalog catalog = new TestCatalog();
    for (int size = 0; size < 70; size++) {
      catalog.addPattern(size);
    }
    MemoryBlob root = catalog.addSequence(TestCatalog.repeatedSizes(700));
    ChunkRanges present = Vectors.ranges(vector.get("present")).slice(0, 22);
    catalog.keepOnly(root.hash(), present);
    JsonNode child = vector.get("child");
    ChunkRangesSequence ranges =
        child.isNumber()
            ? ChunkRangesSequence.only(child.asLong() + 1, ChunkRanges.ALL)
            : ChunkRangesSequence.rootAndChildren(ChunkRanges.EMPTY, ChunkRanges.ALL);
    Exchange exchange =
        Exchange.run(catalog, RequestCodec.encode(new Request.Get(root.hash(), ranges)));
    boolean groupIsIncomplete = present.equals(ChunkRanges.range(0, 1));
    if (groupIsIncomplete) {
      assertThat(exchange.end()).as("hardened: the group cannot be verified").isEqualTo("reset 3");
    } else if (!child.isNumber() && present.contains(0)) {
      assertThat(exchange.end()).as("hardened: 512 children, then the end").isEqualTo("fin");
    } else {
      assertThat(exchange.end()).as(vector.toString()).isEqualTo(vector.get("end").asText());
      int length = vector.has("response_len") ? vector.get("response_len").asInt() : 0;
      assertThat(exchange.response()).hasSize(length);
    }
  }

  @Test
  void observing() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob partial = catalog.addPattern(100_000);
    catalog.keepOnly(partial.hash(), ChunkRanges.range(0, 16));
    for (int size : new int[] {1, 1025, 16384, 16385, 1 << 20}) {
      catalog.addPattern(size);
    }
    Set<String> checked = new HashSet<>();
    for (JsonNode vector : LIVE.get("observe").get("first_item")) {
      String name = vector.get("name").asText();
      Exchange exchange = Exchange.run(catalog, observeRequest(name));
      assertThat(exchange.end()).as("%s; hardened for the empty blob", name).isEqualTo("open");
      if (name.equals("empty")) {
        assertThat(Hex.encode(exchange.response())).isEqualTo("03000100");
      } else {
        checkBytes(vector, exchange);
      }
      checked.add(name);
    }
    assertThat(checked).hasSize(11);
    assertThat(catalog.openReaders()).isZero();
  }

  private static byte[] observeRequest(String name) {
    ChunkRanges ranges =
        switch (name) {
          case "empty_range_in_request" -> ChunkRanges.EMPTY;
          case "range_0_16_in_request" -> ChunkRanges.range(0, 16);
          default -> ChunkRanges.ALL;
        };
    int size =
        switch (name) {
          case "unknown" -> 16_386;
          case "empty" -> 0;
          case "size_1" -> 1;
          case "size_1025", "empty_range_in_request" -> 1025;
          case "size_16384" -> 16_384;
          case "size_16385" -> 16_385;
          case "size_1MiB" -> 1 << 20;
          default -> 100_000;
        };
    Hash hash = MemoryBlob.of(Vectors.pattern(size)).hash();
    byte[] request = RequestCodec.encode(new Request.Observe(hash, ranges));
    return name.equals("trailing_garbage") ? Arrays.copyOf(request, request.length + 5) : request;
  }

  @Test
  void observeUpdates() {
    JsonNode frames = LIVE.get("observe").get("updates").get(0).get("frames_hex");
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(100_000);
    List<ChunkRanges> states =
        List.of(
            ChunkRanges.range(0, 16),
            ChunkRanges.range(0, 48),
            ChunkRanges.ofBoundaries(0, 48, 96, 98),
            ChunkRanges.ALL);
    byte[] request = RequestCodec.encode(new Request.Observe(blob.hash(), ChunkRanges.ALL));
    try (ProviderSession session = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0)) {
      assertThat(session.onData(request, 0, request.length, true))
          .isInstanceOf(RequestState.Ready.class);
      for (int i = 0; i < states.size(); i++) {
        catalog.keepOnly(blob.hash(), states.get(i));
        assertThat(Hex.encode(Exchange.readResponse(session).response()))
            .isEqualTo(frames.get(i).asText());
        assertThat(Exchange.readResponse(session).response()).as("no news").isEmpty();
      }
    }
  }

  @Test
  void observedBlobAppears() {
    JsonNode frames = LIVE.get("observe").get("updates").get(1).get("frames_hex");
    TestCatalog catalog = new TestCatalog();
    Hash hash = MemoryBlob.of(Vectors.pattern(32_769)).hash();
    byte[] request = RequestCodec.encode(new Request.Observe(hash, ChunkRanges.ALL));
    try (ProviderSession session = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0)) {
      session.onData(request, 0, request.length, true);
      byte[] first = Exchange.readResponse(session).response();
      catalog.addPattern(32_769);
      byte[] second = Exchange.readResponse(session).response();
      assertThat(Hex.encode(first) + Hex.encode(second)).isEqualTo(frames.get(0).asText());
    }
  }

  @Test
  void pushIsRefused() {
    MemoryBlob blob = MemoryBlob.of(Vectors.pattern(16_385));
    byte[] header = RequestCodec.encode(new Request.Push(Request.Get.blob(blob.hash())));
    byte[] withData = Arrays.copyOf(header, header.length + 20_000);
    for (boolean fin : new boolean[] {true, false}) {
      for (byte[] push : List.of(header, withData)) {
        for (int slice : new int[] {1, push.length}) {
          Exchange exchange = Exchange.run(COMPLETE, push, fin, slice);
          assertThat(exchange.end()).isEqualTo("reset 1");
          assertThat(exchange.stopSending()).isZero();
        }
      }
    }
  }
}
