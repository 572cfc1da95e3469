package org.veilor.seed.blobs.getter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.blobs.testing.Exchange;
import org.veilor.seed.blobs.testing.Reception;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

/** Provider and getter on one another: random blobs, parts of them, ranges, slices, and cuts. */
class BackToBackTest {
  private static final int GROUP = BaoTree.GROUP_CHUNKS;
  private static final long MAX_BLOB_BYTES = 1 << 20;

  private static byte[] randomBytes(Random random, int size) {
    byte[] out = new byte[size];
    random.nextBytes(out);
    return out;
  }

  private static ChunkRanges random(Random random, int bound) {
    TreeSet<Long> boundaries = new TreeSet<>();
    for (int i = random.nextInt(7); i > 0; i--) {
      boundaries.add((long) random.nextInt(bound));
    }
    return ChunkRanges.ofBoundaries(boundaries.stream().mapToLong(Long::longValue).toArray());
  }

  private static IntSupplier slices(Random random) {
    int bound = List.of(2, 70, 5000, 100_000).get(random.nextInt(4));
    return () -> random.nextInt(bound);
  }

  private static Optional<GetterFailure> end(Exchange exchange, GetterSession session) {
    return exchange.end().equals("fin")
        ? session.finished()
        : session.reset(Long.parseLong(exchange.end().substring("reset ".length())));
  }

  /** All groups of a blob that a partial provider can serve. */
  private static ChunkRanges servable(ChunkRanges present, long chunks) {
    ChunkRanges out = ChunkRanges.EMPTY;
    for (long start = 0; start < chunks; start += GROUP) {
      long end = Math.min(chunks, start + GROUP);
      if (present.containsAll(start, end)) {
        out = out.union(ChunkRanges.range(start, end));
      }
    }
    return out;
  }

  /** One blob from providers of which each has a part, asked one after the other. */
  @RepeatedTest(200)
  void oneBlobFromManyPartialProviders(RepetitionInfo repetition) {
    long seed = 0xb2bL + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int size = 1 + random.nextInt(random.nextBoolean() ? 300_000 : 20_000);
    int chunks = (int) new BaoTree(size).chunks();
    byte[] blob = randomBytes(random, size);
    TestCatalog catalog = new TestCatalog();
    Hash hash = catalog.add(blob).hash();
    ChunkRanges wanted = random.nextBoolean() ? ChunkRanges.ALL : random(random, chunks + 9);
    ChunkRanges target = wanted.canonicalise(size);
    ChunkRanges here = ChunkRanges.EMPTY;
    boolean proven = false;
    for (int round = 0; ; round++) {
      String label = "seed %d, size %d, round %d".formatted(seed, size, round);
      Holding holding = proven ? Holding.proven(here, size) : Holding.claimed(here, 0);
      ChunkRanges asked = MissingRanges.ofBlob(wanted, holding);
      if (asked.isEmpty()) {
        break;
      }
      boolean complete = round == 4;
      ChunkRanges offered = complete ? ChunkRanges.ALL : random(random, chunks + 1);
      catalog.add(blob);
      catalog.keepOnly(hash, offered);
      Request.Get get = new Request.Get(hash, ChunkRangesSequence.single(asked));
      Exchange exchange = Exchange.run(catalog, RequestCodec.encode(get));
      GetterSession session = new GetterSession(get, null, MAX_BLOB_BYTES);
      Reception reception =
          new Reception(session, _ -> blob).feed(exchange.response(), slices(random));
      Optional<GetterFailure> failure = end(exchange, session);
      ChunkRanges got = reception.chunks(0);
      ChunkRanges expected = asked.canonicalise(size);
      ChunkRanges lacking = expected.minus(servable(offered.slice(0, chunks), chunks));
      if (lacking.isEmpty()) {
        assertThat(failure).as(label).isEmpty();
        assertThat(got).as(label).isEqualTo(expected);
        proven |= reception.isSizeProven(0);
      } else {
        assertThat(failure.orElseThrow().meaning())
            .as(label)
            .isIn(Blame.NONE_MISSING, Blame.RETRY_ONCE_ALONE);
        assertThat(got).as(label).isEqualTo(expected.slice(0, lacking.boundary(0)));
      }
      assertThat(got.intersect(here).minus(asked.toGroups()).isEmpty()).as(label).isTrue();
      here = here.union(got);
      proven |= got.contains(chunks - 1);
      assertThat(round).as(label).isLessThan(6);
    }
    assertThat(target.minus(here).isEmpty()).as("seed %d", seed).isTrue();
    assertThat(here.minus(target.toGroups()).isEmpty()).as("seed %d", seed).isTrue();
  }

  /** A response is cut anywhere; the second request brings what lacks, and nothing else. */
  @RepeatedTest(60)
  void sequencesAreResumedWhereverTheyWereCut(RepetitionInfo repetition) throws MalformedException {
    long seed = 0x5e9b2bL + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    TestCatalog catalog = new TestCatalog();
    List<Hash> hashes = new ArrayList<>();
    // Up to three chunk groups of hashes.
    int count = random.nextBoolean() ? random.nextInt(8) : random.nextInt(1200);
    List<byte[]> different = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      different.add(randomBytes(random, random.nextInt(count < 10 ? 60_000 : 700)));
      catalog.add(different.get(i));
    }
    for (int i = 0; i < count; i++) {
      hashes.add(MemoryBlob.of(different.get(random.nextInt(4))).hash());
    }
    HashSequence sequence = HashSequence.of(hashes);
    byte[] rootBytes = sequence.toBytes();
    MemoryBlob root = catalog.add(rootBytes);

    Request.Get first = Request.Get.hashSequence(root.hash());
    byte[] response = Exchange.run(catalog, RequestCodec.encode(first)).response();
    int cut = random.nextInt(random.nextBoolean() ? response.length + 1 : 50_000);
    GetterSession session = new GetterSession(first, null, MAX_BLOB_BYTES);
    Reception before =
        new Reception(session, catalog::bytes)
            .feed(Arrays.copyOf(response, Math.min(cut, response.length)), slices(random));
    String label = "seed %d, %d children, cut at %d".formatted(seed, count, cut);
    assertThat(session.connectionLost("cut").isEmpty()).as(label).isEqualTo(cut >= response.length);

    Holding rootHolding = holding(before, 0, rootBytes.length);
    List<Holding> children = new ArrayList<>();
    for (int i = 0; i < count && (i < 40 || before.done().containsKey(i + 1L)); i++) {
      children.add(holding(before, i + 1L, catalog.bytes(hashes.get(i)).length));
    }
    ChunkRangesSequence missing =
        MissingRanges.ofSequence(ChunkRangesSequence.ALL, rootHolding, children);
    Request.Get second = new Request.Get(root.hash(), missing);
    Exchange exchange = Exchange.run(catalog, RequestCodec.encode(second));
    GetterSession resumed =
        rootHolding.isComplete()
            ? new GetterSession(second, sequence, MAX_BLOB_BYTES)
            : new GetterSession(
                second,
                partOf(rootBytes, rootHolding.present()),
                rootHolding.present(),
                GetterLimits.ofBlobs(MAX_BLOB_BYTES));
    Reception after =
        new Reception(resumed, catalog::bytes).feed(exchange.response(), slices(random));
    assertThat(end(exchange, resumed)).as(label).isEmpty();
    for (int index = 0; index <= count; index++) {
      int size = index == 0 ? rootBytes.length : catalog.bytes(hashes.get(index - 1)).length;
      ChunkRanges all = size == 0 ? ChunkRanges.EMPTY : ChunkRanges.ALL.canonicalise(size);
      ChunkRanges both = before.chunks(index).union(after.chunks(index)).intersect(all);
      assertThat(both).as("%s, index %d", label, index).isEqualTo(all);
      assertThat(before.chunks(index).intersect(after.chunks(index)).intersect(all).isEmpty())
          .as("%s, nothing of %d comes twice", label, index)
          .isTrue();
    }
  }

  /** Whole groups came before, so that nothing has to come twice. */
  private static Holding holding(Reception reception, long index, int size) {
    boolean done = reception.done().containsKey(index);
    ChunkRanges present = reception.chunks(index);
    long lastChunk = new BaoTree(size).chunks() - 1;
    if (done || (size > 0 && present.contains(lastChunk))) {
      return Holding.proven(present.union(ChunkRanges.from(lastChunk)), size);
    }
    return Holding.claimed(present, present.isEmpty() ? 0 : size);
  }

  private static byte[] partOf(byte[] blob, ChunkRanges present) {
    long chunks = new BaoTree(blob.length).chunks();
    byte[] out = new byte[blob.length];
    int end = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      if (present.contains(chunk)) {
        int from = chunk * BaoTree.CHUNK_BYTES;
        end = Math.min(blob.length, from + BaoTree.CHUNK_BYTES);
        System.arraycopy(blob, from, out, from, end - from);
      }
    }
    return Arrays.copyOf(out, end);
  }

  @RepeatedTest(60)
  void manyBlobs(RepetitionInfo repetition) {
    long seed = 0x3a11L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    TestCatalog catalog = new TestCatalog();
    List<Hash> hashes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      hashes.add(catalog.add(randomBytes(random, random.nextInt(50_000))).hash());
    }
    hashes.add(Hash.EMPTY_BLOB);
    ChunkRangesSequence.Builder ranges = ChunkRangesSequence.builder();
    for (int i = 0; i < hashes.size(); i++) {
      ranges.add(i, random(random, 60));
    }
    Request.GetMany many = new Request.GetMany(hashes, ranges.build());
    Exchange exchange = Exchange.run(catalog, RequestCodec.encode(many));
    GetterSession session = new GetterSession(many, MAX_BLOB_BYTES);
    Reception reception =
        new Reception(session, catalog::bytes).feed(exchange.response(), slices(random));
    assertThat(session.isComplete()).as("seed %d", seed).isTrue();
    assertThat(end(exchange, session)).isEmpty();
    assertThat(reception.takenBytes()).isEqualTo(exchange.response().length);
    for (int i = 0; i < hashes.size(); i++) {
      assertThat(reception.chunks(i))
          .as("seed %d, blob %d", seed, i)
          .isEqualTo(many.ranges().at(i).canonicalise(catalog.bytes(hashes.get(i)).length));
    }
  }

  private static GetterSession sequenceSession(Hash root, GetterLimits limits) {
    return new GetterSession(Request.Get.hashSequence(root), (HashSequence) null, limits);
  }

  @Test
  void limitsOfRoots() {
    TestCatalog catalog = new TestCatalog();
    catalog.addPattern(5);
    MemoryBlob root = catalog.addSequence(5, 5, 5);
    Request.Get get = Request.Get.hashSequence(root.hash());
    byte[] response = Exchange.run(catalog, RequestCodec.encode(get)).response();
    GetterSession allowed = sequenceSession(root.hash(), new GetterLimits(96, 3));
    new Reception(allowed, catalog::bytes).feed(response, () -> 50);
    assertThat(allowed.finished()).isEmpty();
    for (GetterLimits limits : List.of(new GetterLimits(96, 2), new GetterLimits(95, 3))) {
      GetterSession session = sequenceSession(root.hash(), limits);
      Reception reception = new Reception(session, catalog::bytes).feed(response, () -> 50);
      assertThat(reception.takenBytes()).as("refused at the header").isEqualTo(8);
      assertThat(session.finished()).contains(new GetterFailure.SizeRefused(96));
    }
    // The limit of the root is none of its children's, nor of a blob that is asked for alone.
    GetterSession alone =
        new GetterSession(
            Request.Get.blob(root.hash()), (HashSequence) null, new GetterLimits(96, 0));
    new Reception(alone, catalog::bytes)
        .feed(
            Exchange.run(catalog, RequestCodec.encode(Request.Get.blob(root.hash()))).response(),
            () -> 50);
    assertThat(alone.isComplete()).isTrue();
    assertThatThrownBy(() -> new GetterLimits(1, GetterLimits.MAX_CHILDREN + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rootThatIsNoSequenceIsNobodysFault() {
    TestCatalog catalog = new TestCatalog();
    MemoryBlob blob = catalog.addPattern(33);
    GetterSession session = sequenceSession(blob.hash(), GetterLimits.ofBlobs(MAX_BLOB_BYTES));
    byte[] response =
        Exchange.run(catalog, RequestCodec.encode(Request.Get.blob(blob.hash()))).response();
    new Reception(session, catalog::bytes).feed(response, () -> 50);
    assertThat(session.finished()).contains(new GetterFailure.NoHashSequence(blob.hash()));
  }

  /** What the caller says it has of the root is not believed either. */
  @Test
  void wrongPartOfTheRoot() {
    TestCatalog catalog = new TestCatalog();
    int[] sizes = new int[600];
    MemoryBlob root = catalog.addSequence(sizes);
    byte[] wrong = new byte[BaoTree.GROUP_BYTES];
    ChunkRanges present = ChunkRanges.range(0, GROUP);
    Request.Get get =
        new Request.Get(
            root.hash(),
            ChunkRangesSequence.rootAndChildren(ChunkRanges.from(GROUP), ChunkRanges.ALL));
    Exchange exchange = Exchange.run(catalog, RequestCodec.encode(get));
    GetterSession session =
        new GetterSession(get, wrong, present, GetterLimits.ofBlobs(MAX_BLOB_BYTES));
    new Reception(session, catalog::bytes).feed(exchange.response(), () -> 999);
    assertThat(session.finished().orElseThrow().meaning()).isNotEqualTo(Blame.LIE);
    assertThat(session.isComplete()).isFalse();
    assertThatThrownBy(() ->
            new GetterSession(
                get, wrong, ChunkRanges.range(0, 5), GetterLimits.ofBlobs(MAX_BLOB_BYTES)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
