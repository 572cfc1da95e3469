package org.veilor.seed.blobs.getter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseDecoder.Event;
import org.veilor.seed.core.bao.ResponseDecoder.Failure;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;

/** Our getter against our provider, and against ends that come too early. */
class GetterSessionTest {
  private static final long MAX_BLOB_BYTES = 1 << 20;

  /** Feeds a response in slices and lists the events, data as its length. */
  private static List<String> events(GetterSession session, byte[] response, int slice) {
    List<String> out = new ArrayList<>();
    int position = 0;
    while (true) {
      int length = Math.min(slice, response.length - position);
      GetterEvent event = session.next(response, position, length);
      position += session.consumed();
      if (event instanceof GetterEvent.NeedMore && position == response.length) {
        event = session.endOfStream();
      }
      switch (event) {
        case GetterEvent.NeedMore _ -> assertThat(position).isLessThan(response.length);
        case GetterEvent.BlobStarted started ->
            out.add(started.index() + " claims " + started.claimedSizeBytes());
        case GetterEvent.Pair pair -> assertThat(pair.buffer()).hasSizeGreaterThanOrEqualTo(64);
        case GetterEvent.Data data -> out.add(data.index() + " data " + checked(data));
        case GetterEvent.BlobDone done ->
            out.add(done.index() + " done " + done.sizeBytes() + " " + done.sizeProven());
        case GetterEvent.BlobMissing missing -> out.add(missing.index() + " missing");
        case GetterEvent.Complete _ -> {
          out.add("complete");
          assertThat(session.next(response, 0, response.length)).isEqualTo(event);
          return out;
        }
        case GetterEvent.Failed failed -> {
          out.add(failed.index() + " " + failed.cause().failure());
          assertThat(session.endOfStream()).isEqualTo(failed);
          return out;
        }
        case GetterEvent.NoHashSequence _ -> {
          out.add("no hash sequence");
          return out;
        }
      }
    }
  }

  private static int checked(GetterEvent.Data data) {
    BaoItem.Leaf leaf = data.leaf();
    if (data.index() > 0) {
      for (int i = 0; i < leaf.lengthBytes(); i++) {
        assertThat(data.buffer()[i]).isEqualTo((byte) ((leaf.offsetBytes() + i) % 251));
      }
    }
    return leaf.lengthBytes();
  }

  private static byte[] response(TestCatalog catalog, Request request) {
    return Exchange.run(catalog, RequestCodec.encode(request)).response();
  }

  @Test
  void wholeSequence() {
    TestCatalog catalog = TestCatalog.ofLiveVectors();
    MemoryBlob root = catalog.addSequence(0, 1025, 16385, 1);
    Request.Get get = Request.Get.hashSequence(root.hash());
    byte[] response = response(catalog, get);
    for (int slice : new int[] {1, 1000, response.length}) {
      assertThat(events(new GetterSession(get, null, MAX_BLOB_BYTES), response, slice))
          .containsExactly(
              "0 claims 128",
              "0 data 128",
              "0 done 128 true",
              "1 claims 0",
              "1 data 0",
              "1 done 0 true",
              "2 claims 1025",
              "2 data 1025",
              "2 done 1025 true",
              "3 claims 16385",
              "3 data 16384",
              "3 data 1",
              "3 done 16385 true",
              "4 claims 1",
              "4 data 1",
              "4 done 1 true",
              "complete");
    }
  }

  @Test
  void childrenOfAKnownRoot() throws Exception {
    TestCatalog catalog = TestCatalog.ofLiveVectors();
    MemoryBlob root = catalog.addSequence(5, 6, 7);
    HashSequence known =
        HashSequence.of(
            List.of(
                catalog.addPattern(5).hash(),
                catalog.addPattern(6).hash(),
                catalog.addPattern(7).hash()));
    assertThat(known.hash()).isEqualTo(root.hash());
    Request.Get get =
        new Request.Get(root.hash(), ChunkRangesSequence.builder().add(2, ChunkRanges.ALL).build());
    assertThat(events(new GetterSession(get, known, MAX_BLOB_BYTES), response(catalog, get), 100))
        .containsExactly(
            "2 claims 6",
            "2 data 6",
            "2 done 6 true",
            "3 claims 7",
            "3 data 7",
            "3 done 7 true",
            "complete");
    assertThatThrownBy(() -> new GetterSession(get, null, MAX_BLOB_BYTES))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void many() {
    TestCatalog catalog = TestCatalog.ofLiveVectors();
    Request.GetMany many =
        new Request.GetMany(
            List.of(catalog.addPattern(100_000).hash(), Hash.EMPTY_BLOB),
            ChunkRangesSequence.builder()
                .add(0, ChunkRanges.range(0, 1))
                .add(1, ChunkRanges.ALL)
                .build());
    assertThat(events(new GetterSession(many, MAX_BLOB_BYTES), response(catalog, many), 77))
        .containsExactly(
            "0 claims 100000",
            "0 data 1024",
            "0 done 100000 false",
            "1 claims 0",
            "1 data 0",
            "1 done 0 true",
            "complete");
  }

  @Test
  void earlyEnds() {
    TestCatalog catalog = TestCatalog.ofLiveVectors();
    MemoryBlob root = catalog.addSequence(1025, 1025);
    Request.Get get = Request.Get.hashSequence(root.hash());
    byte[] response = response(catalog, get);
    assertThat(end(get, response, 0)).isEqualTo("0 NOT_FOUND");
    assertThat(end(get, response, 7)).isEqualTo("0 HEADER_TRUNCATED");
    assertThat(end(get, response, 8)).isEqualTo("0 LEAF_MISSING");
    assertThat(end(get, response, 9)).isEqualTo("0 ITEM_TRUNCATED");
    assertThat(end(get, response, 72)).isEqualTo("1 NOT_FOUND");
    assertThat(end(get, response, 72 + 1033)).isEqualTo("2 NOT_FOUND");
    assertThat(end(get, response, response.length)).isEqualTo("complete");
  }

  private static String end(Request.Get get, byte[] response, int length) {
    GetterSession session = new GetterSession(get, null, MAX_BLOB_BYTES);
    return events(session, Arrays.copyOf(response, length), 500).getLast();
  }

  @Test
  void requestIsRefusedByAFinishedStreamOnly() {
    Request.Get get = Request.Get.blob(MemoryBlob.of(Vectors.pattern(5)).hash());
    GetterSession session = new GetterSession(get, null, MAX_BLOB_BYTES);
    assertThat(session.endOfStream())
        .isEqualTo(
            new GetterEvent.Failed(0, get.hash(), 0, new Event.Failed(Failure.NOT_FOUND, 0, 0)));
  }

  @Test
  void rootThatIsNoSequence() {
    TestCatalog catalog = TestCatalog.ofLiveVectors();
    Request.Get get = Request.Get.hashSequence(catalog.addPattern(33).hash());
    assertThat(end(get, response(catalog, get), 41)).isEqualTo("no hash sequence");
  }

  @Test
  void emptyRequestIsCompleteAtOnce() {
    Request.Get get = new Request.Get(Hash.EMPTY_BLOB, ChunkRangesSequence.EMPTY);
    assertThat(new GetterSession(get, null, MAX_BLOB_BYTES).endOfStream())
        .isEqualTo(new GetterEvent.Complete());
  }
}
