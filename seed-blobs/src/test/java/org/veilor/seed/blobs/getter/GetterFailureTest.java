package org.veilor.seed.blobs.getter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.Reception;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;

/** Each way in which a response failed for the real getter, and what we make of it. */
class GetterFailureTest {
  private static final int SIZE = 100_000;
  private static final long MAX_BLOB_BYTES = 1L << 50;
  private static final byte[] BLOB = Vectors.pattern(SIZE);
  private static final MemoryBlob SOURCE = MemoryBlob.of(BLOB);
  private static final Request.Get WHOLE = Request.Get.blob(SOURCE.hash());
  private static final TestCatalog CATALOG = new TestCatalog();

  /** Start of the second leaf: a header, four pairs, a leaf. */
  private static final int SECOND_LEAF = 8 + 3 * 64 + 16_384;

  static {
    CATALOG.add(BLOB);
  }

  private static byte[] response(Request request) {
    return Exchange.run(CATALOG, RequestCodec.encode(request)).response();
  }

  private static Reception receive(Request.Get get, byte[] stream, int slice) {
    GetterSession session = new GetterSession(get, null, MAX_BLOB_BYTES);
    return new Reception(session, _ -> BLOB).feed(stream, () -> slice);
  }

  private static byte[] withSize(byte[] stream, long size) {
    byte[] out = stream.clone();
    ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putLong(0, size);
    return out;
  }

  private static byte[] flipped(byte[] stream, int at) {
    byte[] out = stream.clone();
    out[at] ^= 1;
    return out;
  }

  static List<JsonNode> negative() {
    return Vectors.list(Vectors.blobs().get("negative").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("negative")
  void corruptedStreams(JsonNode vector) {
    Request.Get get =
        new Request.Get(
            SOURCE.hash(), ChunkRangesSequence.single(Vectors.ranges(vector.get("boundaries"))));
    byte[] stream = negativeStream(vector, response(get));
    assertThat(Blake3Hasher.hash(stream))
        .as("the stream is the one of the vector")
        .hasToString(vector.get("stream_blake3").asText());
    for (int slice : new int[] {stream.length + 1, 999}) {
      GetterSession session = receive(get, stream, slice).session();
      assertThat(session.finished()).isEqualTo(expected(vector));
      assertThat(session.reset(3)).as("the first end counts").isEqualTo(expected(vector));
    }
  }

  private static Optional<GetterFailure> expected(JsonNode vector) {
    long chunk = vector.path("node_chunks").path(0).asLong();
    if (vector.get("name").asText().matches("size_lie_.*_0")) {
      return Optional.of(new GetterFailure.SizeZero());
    }
    return switch (vector.get("result").asText()) {
      case "accepted" -> Optional.empty();
      case "not_found" -> Optional.of(new GetterFailure.NotFound());
      case "header_truncated", "item_truncated" -> Optional.of(new GetterFailure.Truncated());
      case "parent_missing", "leaf_missing" -> Optional.of(new GetterFailure.RestMissing(chunk));
      case "parent_mismatch", "leaf_mismatch" -> Optional.of(new GetterFailure.Lied(chunk));
      default -> throw new AssertionError(vector);
    };
  }

  private static byte[] negativeStream(JsonNode vector, byte[] good) {
    String name = vector.get("name").asText();
    if (name.startsWith("size_lie")) {
      return withSize(good, Long.parseLong(name.substring(name.lastIndexOf('_') + 1)));
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

  static List<JsonNode> outcomes() {
    return Vectors.list(Vectors.blobs().get("live").get("getter_outcomes").get("cases"));
  }

  /** How a provider of the vectors ends its stream. */
  private static Optional<GetterFailure> end(String provider, GetterSession session) {
    if (provider.contains("connection_close")) {
      return session.connectionLost("closed");
    }
    int reset = provider.indexOf("reset_");
    if (reset >= 0) {
      String code = provider.substring(reset + "reset_".length()).split("_", 2)[0];
      return session.reset(Long.parseLong(code));
    }
    return provider.endsWith("no_fin") ? Optional.empty() : session.finished();
  }

  private static byte[] outcomeStream(String provider, byte[] good) {
    return switch (provider) {
      case "right", "right_one_byte_at_a_time_first_600", "very_slow_1KiB_per_100ms" -> good;
      case "empty_fin", "reset_1_at_once", "reset_2_at_once", "reset_3_at_once" -> new byte[0];
      case "reset_77_at_once" -> new byte[0];
      // The reset has overtaken the data.
      case "half_then_reset_3_at_once", "all_then_reset_3_at_once" -> new byte[0];
      case "half_then_connection_close_3" -> new byte[0];
      case "seven_bytes_fin" -> Arrays.copyOf(good, 7);
      case "header_only_fin", "header_then_reset_3" -> Arrays.copyOf(good, 8);
      case "cut_in_parent" -> Arrays.copyOf(good, 40);
      case "cut_at_leaf_boundary" -> Arrays.copyOf(good, SECOND_LEAF);
      case "cut_in_leaf" -> Arrays.copyOf(good, SECOND_LEAF + 5000);
      case "all_but_last_byte" -> Arrays.copyOf(good, good.length - 1);
      case "wrong_root_parent" -> flipped(good, 8);
      case "wrong_inner_parent" -> flipped(good, 8 + 64);
      case "wrong_first_leaf" -> flipped(good, 8 + 3 * 64 + 1000);
      case "wrong_last_leaf" -> flipped(good, good.length - 1);
      case "size_0" -> withSize(good, 0);
      case "size_minus_1" -> withSize(good, SIZE - 1);
      case "size_plus_1" -> withSize(good, SIZE + 1);
      case "size_double" -> withSize(good, 2 * SIZE);
      case "size_2_40" -> withSize(good, 1L << 40);
      case "size_2_63" -> withSize(good, Long.MIN_VALUE);
      case "size_u64max" -> withSize(good, -1);
      case "size_u64max_minus_1023" -> withSize(good, -1024);
      case "extra_byte", "extra_byte_no_fin" -> Arrays.copyOf(good, good.length + 1);
      case "extra_1MB" -> Arrays.copyOf(good, good.length + 1_000_000);
      case "half_then_reset_3_after_500ms" -> Arrays.copyOf(good, 50_196);
      case "all_then_reset_3_after_500ms" -> good;
      default -> throw new AssertionError(provider);
    };
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void whatTheRealGetterMadeOfIt(JsonNode vector) {
    String provider = vector.get("provider").asText();
    byte[] stream = outcomeStream(provider, response(WHOLE));
    Reception reception = receive(WHOLE, stream, 777);
    Optional<GetterFailure> end = end(provider, reception.session());
    assertThat(reception.payloadBytes()).isEqualTo(vector.get("payload").asLong());
    assertThat(end).isEqualTo(expectedOutcome(provider, vector.get("get_blob").asText()));
    assertThat(reception.session().isComplete())
        .as("complete before FIN")
        .isEqualTo(reception.payloadBytes() == SIZE);
  }

  /** From the real getter's words to ours; three of them differ, because we look closer. */
  private static Optional<GetterFailure> expectedOutcome(String provider, String result) {
    if (provider.equals("size_0")) {
      return Optional.of(new GetterFailure.SizeZero());
    }
    if (provider.startsWith("size_2_63") || provider.startsWith("size_u64max")) {
      byte[] header = outcomeStream(provider, new byte[8]);
      long claimed = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong();
      return Optional.of(new GetterFailure.SizeRefused(claimed));
    }
    if (result.equals("ok") || result.startsWith("closing")) {
      return Optional.empty(); // "closing": a reset behind the last byte; the data is all there
    }
    GetterFailure failure =
        switch (result.replaceAll(".*code=", "code ").replaceAll("\\(TreeNode.*", "")) {
          case "code 1" -> new GetterFailure.Denied();
          case "code 2" -> new GetterFailure.Busy();
          case "code 3" -> new GetterFailure.Reset(3);
          case "code 77" -> new GetterFailure.Reset(77);
          case "header NotFound" -> new GetterFailure.NotFound();
          case "header Read(InvalidData)", "Decode Read(InvalidData)" ->
              new GetterFailure.Truncated();
          case "header Read(NotConnected)" -> new GetterFailure.ConnectionLost("closed");
          case "ParentNotFound" -> new GetterFailure.RestMissing(0);
          case "LeafNotFound(16)" -> new GetterFailure.RestMissing(16);
          case "ParentHashMismatch", "LeafHashMismatch(0)" -> new GetterFailure.Lied(0);
          case "LeafHashMismatch(96)" -> new GetterFailure.Lied(96);
          default -> throw new AssertionError(result);
        };
    return Optional.of(failure);
  }

  private record SequenceCase(String provider, int bytes, int children) {}

  @Test
  void whatTheRealGetterMadeOfSequences() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob root = catalog.addSequence(50, 5, 20_000, 0);
    catalog.addPattern(50);
    catalog.addPattern(5);
    catalog.addPattern(20_000);
    Request.Get get = Request.Get.hashSequence(root.hash());
    byte[] good = Exchange.run(catalog, RequestCodec.encode(get)).response();
    int afterRoot = 8 + 128;
    int afterMeta = afterRoot + 8 + 50;
    int all = good.length;
    List<SequenceCase> cases =
        List.of(
            new SequenceCase("right", all, 4),
            new SequenceCase("no_fin", all, 4),
            new SequenceCase("fin_after_root_and_meta", afterMeta, 1),
            new SequenceCase("reset_3_after_root_and_meta_at_once", 0, -1),
            new SequenceCase("reset_3_after_root_and_meta_500ms", afterMeta, 1),
            new SequenceCase("extra_item", all + 9, 4),
            new SequenceCase("reset_3_after_all_500ms", all, 4),
            new SequenceCase("missing_last_empty_blob", all - 8, 3),
            new SequenceCase("fin_after_root", afterRoot, 0));
    Set<String> seen = new HashSet<>();
    for (JsonNode vector : Vectors.blobs().get("live").get("getter_outcomes").get("hashseq")) {
      String provider = vector.get("provider").asText();
      SequenceCase played =
          cases.stream().filter(c -> c.provider().equals(provider)).findAny().orElseThrow();
      GetterSession session = new GetterSession(get, null, MAX_BLOB_BYTES);
      Reception reception =
          new Reception(session, catalog::bytes)
              .feed(Arrays.copyOf(good, played.bytes()), () -> 100);
      assertThat(reception.done()).as(provider).hasSize(played.children() + 1);
      String result = vector.get("result").asText();
      assertThat(session.isComplete()).as(provider).isEqualTo(result.startsWith("ok"));
      Optional<GetterFailure> end = end(provider, session);
      if (result.startsWith("ok")) {
        assertThat(end).as(provider).isEmpty();
        assertThat(reception.takenBytes()).isEqualTo(good.length);
      } else {
        GetterFailure expected =
            result.endsWith("NotFound") ? new GetterFailure.NotFound() : new GetterFailure.Reset(3);
        assertThat(end).as(provider).contains(expected);
        assertThat(expected.meaning()).isNotEqualTo(Blame.LIE);
      }
      seen.add(provider);
    }
    assertThat(seen).hasSize(cases.size());
  }

  /** §2.8: an observed blob that a memory store lacks is a header of zeros and no lie. */
  @Test
  void placeholdersOfMemoryStores() {
    byte[] ghost = Vectors.pattern(77);
    TestCatalog catalog = new TestCatalog();
    catalog.addPattern(1025);
    MemoryBlob root = catalog.addSequence(1025, 77, 1025);
    Request.Get whole = Request.Get.hashSequence(root.hash());
    byte[] child = Exchange.run(catalog, RequestCodec.encode(blob(1025))).response();
    byte[] stream = new byte[8 + 96 + 2 * child.length + 8];
    byte[] rootResponse =
        Exchange.run(catalog, RequestCodec.encode(Request.Get.blob(root.hash()))).response();
    ByteBuffer.wrap(stream).put(rootResponse).put(child).put(new byte[8]).put(child);
    for (int slice : new int[] {1, 5000}) {
      GetterSession session = new GetterSession(whole, null, MAX_BLOB_BYTES);
      Reception reception = new Reception(session, catalog::bytes).feed(stream, () -> slice);
      assertThat(reception.done()).containsOnlyKeys(0L, 1L, 3L);
      assertThat(reception.missing()).containsExactly(2L);
      assertThat(session.isComplete()).isFalse();
      assertThat(session.finished()).contains(new GetterFailure.SizeZero());
      assertThat(session.endOfStream())
          .isInstanceOfSatisfying(
              GetterEvent.Failed.class, failed -> assertThat(failed.index()).isEqualTo(2));
    }
    // A root that is a placeholder names no children.
    Request.Get sequence = Request.Get.hashSequence(MemoryBlob.of(ghost).hash());
    Reception reception = receive(sequence, new byte[8], 8);
    assertThat(reception.missing()).isEmpty();
    assertThat(reception.session().reset(3)).contains(new GetterFailure.SizeZero());
  }

  private static Request.Get blob(int size) {
    return Request.Get.blob(MemoryBlob.of(Vectors.pattern(size)).hash());
  }

  @Test
  void meanings() {
    assertThat(GetterFailure.ofReset(1).meaning()).isEqualTo(Blame.NONE_MISSING);
    assertThat(GetterFailure.ofReset(2).meaning()).isEqualTo(Blame.NONE_BUSY);
    assertThat(GetterFailure.ofReset(3).meaning()).isEqualTo(Blame.RETRY_ONCE_ALONE);
    assertThat(GetterFailure.ofReset(-1).meaning()).isEqualTo(Blame.RETRY_ONCE_ALONE);
    assertThat(GetterFailure.ofStopSending(0)).isEqualTo(new GetterFailure.NotFound());
    assertThat(GetterFailure.ofStopSending(1)).isEqualTo(new GetterFailure.Denied());
    assertThat(GetterFailure.ofStopSending(3)).isEqualTo(new GetterFailure.Reset(3));
    assertThat(GetterFailure.ofConnectionLost("x").meaning()).isEqualTo(Blame.TRANSPORT);
    assertThat(GetterFailure.ofConnectionClosed(1, "permission"))
        .isEqualTo(new GetterFailure.Denied());
    assertThat(GetterFailure.ofConnectionClosed(2, "limit")).isEqualTo(new GetterFailure.Busy());
    assertThat(GetterFailure.ofConnectionClosed(0, "").meaning()).isEqualTo(Blame.TRANSPORT);
    assertThat(new GetterFailure.Truncated().meaning()).isEqualTo(Blame.TRANSPORT);
    assertThat(new GetterFailure.Lied(7).meaning()).isEqualTo(Blame.LIE);
    assertThat(new GetterFailure.SizeRefused(-1).meaning()).isEqualTo(Blame.NONE_MISSING);
    assertThat(new GetterFailure.SizeZero().meaning()).isEqualTo(Blame.NONE_MISSING);
    assertThat(new GetterFailure.NotFound().meaning()).isEqualTo(Blame.NONE_MISSING);
    assertThat(new GetterFailure.RestMissing(5).meaning()).isEqualTo(Blame.NONE_MISSING);
    assertThat(new GetterFailure.NoHashSequence(Hash.EMPTY_BLOB).meaning())
        .isEqualTo(Blame.NONE_MISSING);
  }

  @Test
  void endsBeforeAnything() {
    GetterSession session = new GetterSession(WHOLE, null, MAX_BLOB_BYTES);
    assertThat(session.reset(1)).contains(new GetterFailure.Denied());
    assertThat(session.connectionLost("cable")).contains(new GetterFailure.ConnectionLost("cable"));
    assertThat(session.finished()).contains(new GetterFailure.NotFound());
    GetterSession nothing =
        new GetterSession(
            new Request.Get(SOURCE.hash(), ChunkRangesSequence.single(ChunkRanges.EMPTY)),
            null,
            MAX_BLOB_BYTES);
    assertThat(nothing.finished()).isEmpty();
  }
}
