package org.veilor.seed.blobs.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.ErrorCode;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobLookup;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.PostcardWriter;

/** What a malicious getter can try (specification, section 9.2), and what operators may forbid. */
class AttackTest {
  private static byte[] get(Hash hash, ChunkRangesSequence ranges) {
    return RequestCodec.encode(new Request.Get(hash, ranges));
  }

  @Test
  void farIndexIsReachedWithoutCounting() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob root = catalog.addSequence(1, 2, 3);
    for (long index : new long[] {1L << 28, 1L << 62, -2L, -1L}) {
      ChunkRangesSequence far = ChunkRangesSequence.builder().add(index, ChunkRanges.ALL).build();
      Exchange exchange =
          assertTimeout(Duration.ofSeconds(1), () -> Exchange.run(catalog, get(root.hash(), far)));
      assertThat(exchange.end()).isEqualTo("fin");
      assertThat(exchange.response()).isEmpty();
    }
  }

  @Test
  void farIndexOfManyEndsAtOnce() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(10);
    byte[] request =
        RequestCodec.encode(
            new Request.GetMany(
                List.of(blob.hash()),
                ChunkRangesSequence.builder()
                    .add(0, ChunkRanges.ALL)
                    .add(1, ChunkRanges.EMPTY)
                    .add(1L << 62, ChunkRanges.ALL)
                    .build()));
    assertThat(Exchange.run(catalog, request).response()).hasSize(18);
  }

  @Test
  void rangeBombsAreMalformed() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(100_000);
    assertThat(Exchange.run(catalog, withBoundaries(blob.hash(), 1 << 16)).response()).isNotEmpty();
    Exchange exchange = Exchange.run(catalog, withBoundaries(blob.hash(), (1 << 16) + 1));
    assertThat(exchange.end()).isEqualTo("fin");
    assertThat(exchange.response()).isEmpty();
  }

  /** Chunks 1, 3, 5, …, in two sets, so that only both together can exceed the limit. */
  private static byte[] withBoundaries(Hash hash, int count) {
    PostcardWriter out =
        new PostcardWriter().writeU8(RequestCodec.GET).writeFixed(hash.toBytes()).writeVarint(3);
    int[] sizes = {count / 2, count - count / 2, 0};
    for (int set = 0; set < sizes.length; set++) {
      out.writeVarint(set == 0 ? 0 : 1).writeVarint(sizes[set]);
      for (int i = 0; i < sizes[set]; i++) {
        out.writeVarint(i == 0 ? set + 1 : 1);
      }
    }
    return out.toBytes();
  }

  @Test
  void hugeRootIsNotReadForItsChildren() {
    Hash hash = MemoryBlob.of(new byte[] {1}).hash();
    List<String> calls = new ArrayList<>();
    BlobReader huge =
        new BlobReader() {
          @Override
          public long sizeBytes() {
            return 1L << 40;
          }

          @Override
          public int readData(long offset, byte[] target, int targetOffset, int length) {
            calls.add("data");
            return length;
          }

          @Override
          public void readPair(long pairIndex, byte[] target, int targetOffset) {
            calls.add("pair");
          }

          @Override
          public void close() {
            calls.add("close");
          }
        };
    Exchange exchange =
        Exchange.run(
            _ -> new BlobLookup.Found(huge),
            get(hash, ChunkRangesSequence.only(1, ChunkRanges.ALL)));
    assertThat(exchange.end()).isEqualTo("reset 3");
    assertThat(calls).containsExactly("close");
  }

  @Test
  void slowRequestsMeetTheirDeadline() {
    ProviderSession session =
        new ProviderSession(new TestCatalog(), ProviderPolicy.admitAll(), 1000);
    long deadline = 1000 + BlobsLimits.REQUEST_DEADLINE_NANOS;
    assertThat(session.nextDeadlineNanos()).hasValue(deadline);
    assertThat(session.onData(new byte[] {0}, 0, 1, false)).isEqualTo(new RequestState.NeedMore());
    assertThat(session.onTimeout(deadline - 1)).isEqualTo(new RequestState.NeedMore());
    RequestState late =
        new RequestState.Refused(
            List.of(new Output.Reset(ErrorCode.LIMIT), new Output.StopSending(ErrorCode.LIMIT)));
    assertThat(session.onTimeout(deadline)).isEqualTo(late);
    assertThat(session.onData(new byte[] {1}, 0, 1, true)).as("it stays so").isEqualTo(late);
    assertThat(session.nextDeadlineNanos()).isEqualTo(OptionalLong.empty());
    session.close();
  }

  @Test
  void completeRequestsHaveNoDeadline() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(10);
    byte[] request = RequestCodec.encode(Request.Get.blob(blob.hash()));
    try (ProviderSession session = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0)) {
      session.onData(request, 0, request.length, true);
      assertThat(session.nextDeadlineNanos()).isEmpty();
      assertThat(session.onTimeout(Long.MAX_VALUE)).isInstanceOf(RequestState.Ready.class);
      assertThat(Exchange.readResponse(session).response()).hasSize(18);
      assertThat(session.statistics()).isEqualTo(new ProviderStatistics(10, 8, 1));
    }
  }

  @Test
  void stoppedResponsesAreReset() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(100_000);
    byte[] request = RequestCodec.encode(Request.Get.blob(blob.hash()));
    byte[] buffer = new byte[ProviderSession.BUFFER_BYTES];
    ProviderSession session = new ProviderSession(catalog, ProviderPolicy.admitAll(), 0);
    session.onData(request, 0, request.length, true);
    assertThat(session.next(buffer)).isEqualTo(new Output.Data(8));
    session.onStopSending(0);
    assertThat(session.next(buffer)).isEqualTo(new Output.Reset(ErrorCode.INTERNAL));
    assertThatThrownBy(() -> session.next(buffer)).isInstanceOf(IllegalStateException.class);
    assertThat(catalog.openReaders()).isOne();
    session.close();
    session.close();
    assertThat(catalog.openReaders()).isZero();
  }

  @Test
  void resetRequestsGetAnEmptyResponse() {
    ProviderSession session = new ProviderSession(new TestCatalog(), ProviderPolicy.admitAll(), 0);
    session.onData(new byte[] {0, 1}, 0, 2, false);
    assertThat(session.onRequestReset())
        .isEqualTo(new RequestState.Refused(List.of(new Output.Finish())));
    session.close();
  }

  @Test
  void deniedBlobs() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob allowed = catalog.addPattern(1025);
    MemoryBlob denied = catalog.addPattern(3000);
    MemoryBlob root = catalog.addSequence(1025, 3000, 1025);
    catalog.deny(denied.hash());
    assertThat(Exchange.run(catalog, RequestCodec.encode(Request.Get.blob(denied.hash()))).end())
        .isEqualTo("reset 1");
    Exchange exchange =
        Exchange.run(catalog, RequestCodec.encode(Request.Get.hashSequence(root.hash())));
    assertThat(exchange.end()).as("nothing behind the denied child").isEqualTo("fin");
    assertThat(exchange.response()).hasSize(8 + 96 + 8 + 1025);
    byte[] observe = RequestCodec.encode(new Request.Observe(denied.hash(), ChunkRanges.ALL));
    assertThat(Exchange.run(catalog, observe).end()).isEqualTo("reset 1");
    assertThat(allowed.hash()).isNotEqualTo(denied.hash());
  }

  @Test
  void unreadableBlobsAreReportedNotThrown() {
    MemoryBlob blob = MemoryBlob.of(new byte[] {1});
    byte[] request = RequestCodec.encode(Request.Get.blob(blob.hash()));
    IOException cause = new IOException("disk");
    try (ProviderSession session =
        new ProviderSession(
            _ -> {
              throw cause;
            },
            ProviderPolicy.admitAll(),
            0)) {
      assertThat(Exchange.run(session, request, true, 100).end()).isEqualTo("reset 3");
      assertThat(session.failure()).hasValue(new ServeFailure.Unreadable(blob.hash(), cause));
    }
  }

  @Test
  void damagedRootOffersNoChildren() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob child = catalog.addPattern(10);
    MemoryBlob wrong = MemoryBlob.of(HashSequence.of(List.of(child.hash())).toBytes());
    Hash name = MemoryBlob.of(new byte[32]).hash();
    byte[] request = get(name, ChunkRangesSequence.only(1, ChunkRanges.ALL));
    try (ProviderSession session =
        new ProviderSession(
            hash -> hash.equals(name) ? new BlobLookup.Found(wrong) : catalog.open(hash),
            ProviderPolicy.admitAll(),
            0)) {
      assertThat(Exchange.run(session, request, true, 100).end()).isEqualTo("reset 3");
      assertThat(session.failure()).hasValue(new ServeFailure.Corrupt(name, 0));
    }
  }

  @Test
  void observersAreCapped() {
    TestCatalog catalog = new TestCatalog();
    ProviderPolicy policy = new ObserverCap(ProviderPolicy.admitAll());
    byte[] request = RequestCodec.encode(new Request.Observe(Hash.EMPTY_BLOB, ChunkRanges.ALL));
    List<ProviderSession> open = new ArrayList<>();
    for (int i = 0; i < BlobsLimits.MAX_OBSERVERS_PER_CONNECTION; i++) {
      open.add(new ProviderSession(catalog, policy, 0));
      assertThat(Exchange.run(open.getLast(), request, true, 100).end()).isEqualTo("open");
    }
    ProviderSession oneMore = new ProviderSession(catalog, policy, 0);
    assertThat(Exchange.run(oneMore, request, true, 100).end()).isEqualTo("reset 2");
    oneMore.close();
    open.removeFirst().close();
    ProviderSession again = new ProviderSession(catalog, policy, 0);
    assertThat(Exchange.run(again, request, true, 100).end()).isEqualTo("open");
  }

  @Test
  void policyRefusals() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(10);
    byte[] request = RequestCodec.encode(Request.Get.blob(blob.hash()));
    ProviderSession forbidden =
        new ProviderSession(catalog, _ -> ProviderPolicy.Decision.REFUSE_PERMISSION, 0);
    assertThat(Exchange.run(forbidden, request, true, 100).end()).isEqualTo("reset 1");
    ProviderSession busy =
        new ProviderSession(catalog, _ -> ProviderPolicy.Decision.REFUSE_LIMIT, 0);
    assertThat(Exchange.run(busy, request, true, 100).end()).isEqualTo("reset 2");
  }

  @Test
  void longSequencesAreReadGroupByGroup() {
    int children = 2000;
    TestCatalog catalog = new TestCatalog();
    for (int size = 0; size < 70; size++) {
      catalog.addPattern(size);
    }
    MemoryBlob root = catalog.addSequence(TestCatalog.repeatedSizes(children));
    ChunkRangesSequence everyChild =
        ChunkRangesSequence.rootAndChildren(ChunkRanges.EMPTY, ChunkRanges.ALL);
    Exchange exchange =
        assertTimeout(
            Duration.ofSeconds(5), () -> Exchange.run(catalog, get(root.hash(), everyChild)));
    int expected = 0;
    for (int i = 0; i < children; i++) {
      expected += 8 + i % 70;
    }
    assertThat(exchange.response()).hasSize(expected);
    assertThat(catalog.openReaders()).isZero();
  }
}
