package org.veilor.seed.blobs.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.veilor.seed.blobs.getter.GetterLimits;
import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.blobs.getter.Observation;
import org.veilor.seed.blobs.getter.ObserverSession;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.testing.Reception;
import org.veilor.seed.blobs.testing.TestCatalog;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/**
 * Whatever a provider sends, in whatever slices, a getter yields nothing but parts of the blobs of
 * those names. Without the environment variable of Jazzer these run on their seed inputs only.
 */
class GetterFuzzTest {
  private static final long MAX_BLOB_BYTES = 1L << 50;
  private static final TestCatalog CATALOG = new TestCatalog();
  private static final Hash BLOB = CATALOG.addPattern(20_000).hash();
  private static final Hash SMALL = CATALOG.addPattern(1025).hash();
  private static final MemoryBlob SEQUENCE = CATALOG.addSequence(1025, 0, 20_000, 1025);
  private static final MemoryBlob LONG_SEQUENCE = CATALOG.addSequence(new int[600]);

  /** What is asked for. The first byte of an input chooses one of these. */
  private static final List<Supplier<GetterSession>> SESSIONS =
      List.of(
          () -> get(BLOB, ChunkRangesSequence.single(ChunkRanges.ALL)),
          () -> get(BLOB, ChunkRangesSequence.single(ChunkRanges.range(15, 17))),
          () -> get(BLOB, ChunkRangesSequence.single(ChunkRanges.LAST_CHUNK)),
          () -> get(SEQUENCE.hash(), ChunkRangesSequence.ALL),
          () ->
              get(
                  SEQUENCE.hash(),
                  ChunkRangesSequence.rootAndChildren(ChunkRanges.ALL, ChunkRanges.LAST_CHUNK)),
          GetterFuzzTest::many,
          GetterFuzzTest::childrenOfAKnownRoot,
          GetterFuzzTest::restOfARoot);

  private static GetterSession get(Hash hash, ChunkRangesSequence ranges) {
    return new GetterSession(new Request.Get(hash, ranges), null, MAX_BLOB_BYTES);
  }

  private static GetterSession many() {
    List<Hash> hashes = List.of(SMALL, Hash.EMPTY_BLOB, BLOB);
    return new GetterSession(new Request.GetMany(hashes, ChunkRangesSequence.ALL), MAX_BLOB_BYTES);
  }

  private static GetterSession childrenOfAKnownRoot() {
    Request.Get children =
        new Request.Get(
            SEQUENCE.hash(), ChunkRangesSequence.builder().add(1, ChunkRanges.ALL).build());
    HashSequence root = HashSequence.of(List.of(SMALL, Hash.EMPTY_BLOB, BLOB, SMALL));
    return new GetterSession(children, root, MAX_BLOB_BYTES);
  }

  private static GetterSession restOfARoot() {
    byte[] rootBytes = CATALOG.bytes(LONG_SEQUENCE.hash());
    Request.Get rest =
        new Request.Get(
            LONG_SEQUENCE.hash(),
            ChunkRangesSequence.rootAndChildren(
                ChunkRanges.from(BaoTree.GROUP_CHUNKS), ChunkRanges.ALL));
    return new GetterSession(
        rest,
        Arrays.copyOf(rootBytes, BaoTree.GROUP_BYTES),
        ChunkRanges.range(0, BaoTree.GROUP_CHUNKS),
        GetterLimits.ofBlobs(MAX_BLOB_BYTES));
  }

  /** The first byte chooses what is asked for, the second one how the rest is cut into slices. */
  @FuzzTest
  void response(byte[] input) {
    if (input.length < 2) {
      return;
    }
    Supplier<GetterSession> sessions = SESSIONS.get((input[0] & 0xff) % SESSIONS.size());
    byte[] stream = Arrays.copyOfRange(input, 2, input.length);
    Reception whole =
        new Reception(sessions.get(), CATALOG::bytes).feed(stream, () -> stream.length);
    int slice = 1 + (input[1] & 0xff) * 8;
    Reception sliced = new Reception(sessions.get(), CATALOG::bytes).feed(stream, () -> slice);
    check(whole.payloadBytes() == sliced.payloadBytes(), "slices do not matter");
    check(whole.takenBytes() == sliced.takenBytes(), "slices do not matter");
    boolean complete = whole.session().isComplete();
    check(whole.session().reset(3).isEmpty() == complete, "a reset matters before the end only");
    check(whole.session().finished().isEmpty() == complete, "complete before the end");
    check(whole.session().endOfStream().equals(sliced.session().endOfStream()), "the same end");
  }

  /** The first byte says how the rest is cut into slices. */
  @FuzzTest
  void observe(byte[] input) {
    if (input.length < 1) {
      return;
    }
    ObserverSession whole = new ObserverSession(BLOB);
    ObserverSession sliced = new ObserverSession(BLOB);
    byte[] stream = Arrays.copyOfRange(input, 1, input.length);
    feed(whole, stream, Math.max(1, stream.length));
    feed(sliced, stream, 1 + (input[0] & 0xff));
    check(whole.observation().equals(sliced.observation()), "slices do not matter");
    check(whole.endOfStream().equals(sliced.endOfStream()), "the same end");
  }

  private static void feed(ObserverSession session, byte[] stream, int slice) {
    for (int start = 0; start < stream.length; start += slice) {
      int end = Math.min(stream.length, start + slice);
      int position = start;
      ObserverSession.Event event;
      do {
        Observation before = session.observation();
        event = session.next(stream, position, end - position);
        position += session.consumed();
        checkGrowth(before, session.observation());
      } while (event instanceof ObserverSession.Event.Updated);
      if (event instanceof ObserverSession.Event.Failed) {
        return;
      }
      check(position == end, "everything is taken before more is needed");
    }
  }

  private static void checkGrowth(Observation before, Observation after) {
    check(before.present().minus(after.present()).isEmpty(), "chunks are only added");
    check(after.sizeProven() == after.present().isOpenEnded(), "canonical");
    check(!before.sizeProven() || after.sizeBytes() == before.sizeBytes(), "proven sizes stay");
    check(before.sizeBytes() == 0 || after.sizeBytes() > 0, "a size is not forgotten");
    check(after.present().boundaryCount() <= BlobsLimits.MAX_BOUNDARIES, "limit");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
