package org.veilor.seed.blobs.getter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.blobs.getter.ObserverSession.Event;
import org.veilor.seed.blobs.getter.ObserverSession.Reason;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ObserveItem;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.provider.ProviderPolicy;
import org.veilor.seed.blobs.provider.ProviderSession;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.PostcardWriter;

/** What providers say they hold: the items of the real one, ours, and nonsense. */
class ObserverSessionTest {
  private static final Hash HASH =
      Hash.of(Vectors.hex(Vectors.blobs().get("negative").get("hash").asText()));

  private static List<Event> events(ObserverSession session, byte[] stream, int slice) {
    List<Event> out = new ArrayList<>();
    for (int start = 0; start < stream.length; start += slice) {
      byte[] part = Arrays.copyOfRange(stream, start, Math.min(stream.length, start + slice));
      int position = 0;
      Event event;
      do {
        event = session.next(part, position, part.length - position);
        position += session.consumed();
        if (!(event instanceof Event.NeedMore)) {
          out.add(event);
        }
      } while (event instanceof Event.Updated);
      if (event instanceof Event.Failed) {
        return out;
      }
      assertThat(position).isEqualTo(part.length);
    }
    return out;
  }

  private static byte[] stream(ObserveItem... items) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ObserveItem item : items) {
      out.writeBytes(item.encodeFrame());
    }
    return out.toByteArray();
  }

  private static ObserveItem item(long size, long... boundaries) {
    return new ObserveItem(size, ChunkRanges.ofBoundaries(boundaries));
  }

  private static Observation after(ObserveItem... items) {
    ObserverSession session = new ObserverSession(HASH);
    assertThat(events(session, stream(items), 1000)).hasSize(items.length);
    return session.observation();
  }

  private static Reason failure(byte[] stream) {
    ObserverSession session = new ObserverSession(HASH);
    Event last = events(session, stream, 1000).getLast();
    assertThat(session.endOfStream()).as("a failure stays").isEqualTo(last);
    assertThat(session.next(stream, 0, stream.length)).isEqualTo(last);
    return ((Event.Failed) last).reason();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1000})
  void itemsOfTheRealProvider(int slice) {
    JsonNode live = Vectors.blobs().get("live").get("observe");
    int firstItems = 0;
    for (JsonNode vector : live.get("first_item")) {
      if (vector.has("response_hex")) {
        byte[] stream = Vectors.hex(vector.get("response_hex").asText());
        Event only = events(new ObserverSession(HASH), stream, slice).getFirst();
        Observation seen = ((Event.Updated) only).observation();
        boolean partial = vector.get("name").asText().matches("partial.*|range.*|trailing.*");
        boolean unknown = vector.get("name").asText().equals("unknown");
        assertThat(seen.isComplete()).as(vector.toString()).isEqualTo(!partial && !unknown);
        assertThat(seen.sizeProven()).isEqualTo(seen.isComplete());
        assertThat(seen.sizeBytes() == 0).isEqualTo(unknown);
        firstItems++;
      }
    }
    assertThat(firstItems).isEqualTo(10);
    for (JsonNode vector : live.get("updates")) {
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      vector.get("frames_hex").forEach(f -> stream.writeBytes(Vectors.hex(f.asText())));
      ObserverSession session = new ObserverSession(HASH);
      assertThat(events(session, stream.toByteArray(), slice))
          .hasSizeGreaterThan(1)
          .allMatch(event -> event instanceof Event.Updated);
      assertThat(session.observation().isComplete()).isTrue();
      assertThat(session.observation().sizeBytes()).isIn(100_000L, 32_769L);
    }
  }

  @Test
  void unionAndCanonicalForm() {
    assertThat(after()).isEqualTo(Observation.UNKNOWN);
    assertThat(after(item(100_000, 0, 16), item(100_000, 16, 48)))
        .isEqualTo(new Observation(100_000, false, ChunkRanges.range(0, 48)));
    assertThat(after(item(100_000, 97, 98)))
        .isEqualTo(new Observation(100_000, true, ChunkRanges.from(97)));
    assertThat(after(item(100_000, 96), item(100_000, 0, 96)))
        .isEqualTo(new Observation(100_000, true, ChunkRanges.ALL));
    assertThat(after(item(100_000, 0, 96), item(100_000, 96)).isComplete()).isTrue();
    // Ranges that run past the end contain the last chunk.
    assertThat(after(item(100_000, 90, 200)))
        .isEqualTo(new Observation(100_000, true, ChunkRanges.from(90)));
  }

  @Test
  void sizesGrowMoreCertain() {
    assertThat(after(item(0), item(5000, 0, 1)).sizeBytes()).isEqualTo(5000);
    assertThat(after(item(5000, 0, 1), item(0, 1, 2)).sizeBytes()).isEqualTo(5000);
    assertThat(after(item(100_000, 0, 50), item(99_000, 10, 20)).sizeBytes())
        .as("the side with the higher chunk")
        .isEqualTo(100_000);
    assertThat(after(item(99_000, 10, 20), item(100_000, 0, 50)).sizeBytes()).isEqualTo(100_000);
    assertThat(after(item(99_000, 0, 20), item(100_000, 10, 20)).sizeBytes())
        .as("the same chunk: the larger size")
        .isEqualTo(100_000);
    Observation proven = after(item(100_000, 96), item(200_000, 0, 20));
    assertThat(proven.sizeBytes()).as("proven sizes stay").isEqualTo(100_000);
    assertThat(proven.sizeProven()).isTrue();
    assertThat(after(item(200_000, 0, 20), item(100_000, 96)))
        .isEqualTo(new Observation(100_000, true, ChunkRanges.ofBoundaries(0, 20, 96)));
  }

  /** A provider that a liar told 2^64 - 1 repeats it, until somebody tells it better. */
  @Test
  void impossibleSizesAreUnknown() {
    assertThat(after(item(-1L))).isEqualTo(Observation.UNKNOWN);
    assertThat(after(item(Long.MIN_VALUE), item(100_000, 96)).sizeBytes()).isEqualTo(100_000);
    assertThat(failure(stream(item(-1L, 0)))).isEqualTo(Reason.CONTRADICTION);
  }

  @Test
  void contradictions() {
    assertThat(failure(stream(item(100_000, 96), item(200_000, 190))))
        .isEqualTo(Reason.CONTRADICTION);
    assertThat(failure(stream(item(0, 0)))).isEqualTo(Reason.CONTRADICTION);
    assertThat(failure(stream(item(100_000, 98)))).isEqualTo(Reason.CONTRADICTION);
  }

  @Test
  void theEmptyBlob() {
    ObserverSession session = new ObserverSession(Hash.EMPTY_BLOB);
    assertThat(session.observation()).isEqualTo(Observation.EMPTY_BLOB);
    assertThat(events(session, stream(item(0, 0)), 1)).hasSize(1);
    assertThat(session.observation().isComplete()).isTrue();
  }

  @Test
  void malformedItems() {
    assertThat(failure(new byte[] {0})).isEqualTo(Reason.MALFORMED);
    assertThat(failure(new byte[] {3, 0, 2, 5})).isEqualTo(Reason.MALFORMED);
    assertThat(failure(new byte[] {4, 0, 2, 5, 5})).isEqualTo(Reason.MALFORMED);
    byte[] endless = new byte[12];
    Arrays.fill(endless, (byte) 0x80);
    assertThat(failure(endless)).isEqualTo(Reason.MALFORMED);
    Arrays.fill(endless, (byte) -1);
    assertThat(failure(endless)).isEqualTo(Reason.TOO_LONG);
    int tooLong = BlobsLimits.MAX_OBSERVE_ITEM_BYTES + 1;
    assertThat(failure(new PostcardWriter().writeVarint(tooLong).toBytes()))
        .isEqualTo(Reason.TOO_LONG);
    // An over-long number and bytes behind the item are accepted, as by the real getter.
    ObserverSession session = new ObserverSession(HASH);
    byte[] item = {(byte) 0x85, 0, 10, 2, 0, 1, 99};
    assertThat(events(session, item, 2)).hasSize(1);
    assertThat(session.observation().present()).isEqualTo(ChunkRanges.ALL);
  }

  @Test
  void ends() {
    ObserverSession session = new ObserverSession(HASH);
    events(session, stream(item(5, 0, 1)), 100);
    assertThat(session.endOfStream().reason()).isEqualTo(Reason.ENDED);
    session = new ObserverSession(HASH);
    events(session, new byte[] {5, 1}, 100);
    assertThat(session.endOfStream().reason()).isEqualTo(Reason.TRUNCATED);
    session = new ObserverSession(HASH);
    events(session, new byte[] {(byte) 0x85}, 100);
    assertThat(session.endOfStream().reason()).isEqualTo(Reason.TRUNCATED);
  }

  /** Each item is below its limit, all together are not. */
  @Test
  void piecesAreLimited() {
    List<ObserveItem> items = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      long[] boundaries = new long[BlobsLimits.MAX_BOUNDARIES / 2];
      for (int i = 0; i < boundaries.length; i++) {
        boundaries[i] = part * 100_000L + 2L * i;
      }
      items.add(item(1L << 40, boundaries));
    }
    byte[] two = stream(items.get(0), items.get(1));
    ObserverSession session = new ObserverSession(HASH);
    assertThat(events(session, two, 10_000)).hasSize(2);
    assertThat(failure(stream(items.toArray(new ObserveItem[0])))).isEqualTo(Reason.TOO_FRAGMENTED);
  }

  @RepeatedTest(50)
  void ourProviderIsUnderstood(RepetitionInfo repetition) {
    long seed = 0x0b5L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int size = 1 + random.nextInt(100_000);
    long chunks = new BaoTree(size).chunks();
    TestCatalog catalog = new TestCatalog();
    Hash hash = catalog.addPattern(size).hash();
    ChunkRanges present = ChunkRanges.EMPTY;
    ObserverSession observer = new ObserverSession(hash);
    try (ProviderSession provider = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0)) {
      byte[] request = RequestCodec.encode(new Request.Observe(hash, ChunkRanges.ALL));
      for (int step = 0; step < 12; step++) {
        catalog.addPattern(size);
        catalog.keepOnly(hash, present);
        byte[] bytes =
            step == 0
                ? Exchange.run(provider, request, true, 100).response()
                : Exchange.readResponse(provider).response();
        events(observer, bytes, 1 + random.nextInt(5));
        Observation seen = observer.observation();
        assertThat(seen.present().slice(0, chunks)).as("seed %d", seed).isEqualTo(present);
        assertThat(seen.sizeProven()).isEqualTo(present.contains(chunks - 1));
        assertThat(seen.sizeBytes()).isEqualTo(size);
        long start = random.nextLong(chunks);
        present = present.union(ChunkRanges.range(start, Math.min(chunks, start + 1 + step * 3L)));
      }
    }
  }
}
