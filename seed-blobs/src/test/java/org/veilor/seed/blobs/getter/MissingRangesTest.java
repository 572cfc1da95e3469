package org.veilor.seed.blobs.getter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.blobs.protocol.RequestCodec;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.testing.Vectors;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/** What is asked for, against bits: what is here and what comes is what was wanted, in groups. */
class MissingRangesTest {
  private static final ChunkRanges ALL = ChunkRanges.ALL;
  private static final ChunkRanges NOTHING = ChunkRanges.EMPTY;
  private static final ChunkRanges LAST = ChunkRanges.LAST_CHUNK;
  private static final int GROUP = BaoTree.GROUP_CHUNKS;

  /** Chunks that a provider answers a request with, and those that a wish is about. */
  private static BitSet selected(ChunkRanges ranges, int chunks) {
    BitSet out = new BitSet(chunks);
    for (int chunk = 0; chunk < chunks; chunk++) {
      out.set(chunk, ranges.contains(chunk));
    }
    if (ranges.intersects(chunks, -1L) || ranges.isOpenEnded()) {
      out.set(chunks - 1);
    }
    return out;
  }

  private static BitSet minus(BitSet all, BitSet without) {
    BitSet out = (BitSet) all.clone();
    out.andNot(without);
    return out;
  }

  private static BitSet wholeGroups(BitSet bits, int chunks) {
    BitSet out = new BitSet(chunks);
    bits.stream().forEach(c -> out.set(c - c % GROUP, Math.min(chunks, c - c % GROUP + GROUP)));
    return out;
  }

  private static ChunkRanges random(Random random, int bound) {
    TreeSet<Long> boundaries = new TreeSet<>(Long::compareUnsigned);
    for (int i = random.nextInt(7); i > 0; i--) {
      boundaries.add((long) random.nextInt(bound));
    }
    if (random.nextInt(5) == 0) {
      boundaries.add(-1L);
    }
    return ChunkRanges.ofBoundaries(boundaries.stream().mapToLong(Long::longValue).toArray());
  }

  private static ChunkRanges wish(Random random, int chunks) {
    return switch (random.nextInt(4)) {
      case 0 -> ALL;
      case 1 -> LAST;
      default -> random(random, chunks + 20);
    };
  }

  @RepeatedTest(300)
  void ofOneBlob(RepetitionInfo repetition) {
    long seed = 0xb10bL + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int size = 1 + random.nextInt(random.nextBoolean() ? 200_000 : 20_000);
    int chunks = (int) new BaoTree(size).chunks();
    ChunkRanges wanted = wish(random, chunks);
    ChunkRanges present = random(random, chunks + 1).slice(0, chunks);
    boolean hasLast = present.contains(chunks - 1);
    boolean proven = hasLast || random.nextBoolean();
    long claimed = proven ? size : random.nextInt(3) == 0 ? 0 : random.nextInt(2 * size) + 1;
    if (!proven && claimed > 0 && present.contains(new BaoTree(claimed).chunks() - 1)) {
      claimed = size; // such a claim could not be unproven
    }
    Holding holding = proven ? Holding.proven(present, size) : Holding.claimed(present, claimed);
    ChunkRanges asked = MissingRanges.ofBlob(wanted, holding);
    String label =
        "seed %d: %d chunks, want %s, %s, asked %s".formatted(seed, chunks, wanted, holding, asked);

    BitSet want = selected(wanted, chunks);
    BitSet have = selected(present, chunks);
    BitSet missing = minus(want, have);
    if (!asked.isEmpty()) {
      BitSet response = selected(asked, chunks);
      assertThat(minus(missing, response)).as(label).isEqualTo(new BitSet());
      BitSet allowed = wholeGroups(missing, chunks);
      if (!proven && claimed > 0) {
        allowed.or(wholeGroups(selected(ChunkRanges.from(claimed), chunks), chunks));
        int claimedLast = (int) Math.min(chunks, new BaoTree(claimed).chunks()) - 1;
        BitSet claimedGroup = new BitSet();
        claimedGroup.set(claimedLast);
        allowed.or(wholeGroups(claimedGroup, chunks));
      }
      assertThat(minus(response, allowed)).as(label).isEqualTo(new BitSet());
      if (proven) {
        assertThat(response).as(label).isEqualTo(allowed);
      }
    } else {
      assertThat(missing.isEmpty()).as(label).isTrue();
    }
    if (proven) {
      assertThat(asked.isEmpty()).as(label).isEqualTo(missing.isEmpty());
      assertThat(holding.isComplete()).as(label).isEqualTo(have.cardinality() == chunks);
    }
  }

  @Test
  void knownSizes() {
    ChunkRanges some = ChunkRanges.range(16, 48);
    assertThat(MissingRanges.ofBlob(ALL, Holding.proven(some, 100_000)))
        .isEqualTo(ChunkRanges.ofBoundaries(0, 16, 48));
    assertThat(MissingRanges.ofBlob(ALL, Holding.claimed(some, 100_000)))
        .isEqualTo(ChunkRanges.ofBoundaries(0, 16, 48));
    assertThat(MissingRanges.ofBlob(ALL, Holding.NOTHING)).isEqualTo(ALL);
    assertThat(MissingRanges.ofBlob(ALL, Holding.complete(100_000)).isEmpty()).isTrue();
    assertThat(MissingRanges.ofBlob(ALL, Holding.complete(0)).isEmpty()).isTrue();
    assertThat(MissingRanges.ofBlob(ChunkRanges.range(20, 21), Holding.NOTHING))
        .isEqualTo(ChunkRanges.range(16, 32));
    // The open end is the part of the blob that a canonical holding has.
    assertThat(MissingRanges.ofBlob(ALL, Holding.proven(ChunkRanges.from(96), 100_000)))
        .isEqualTo(ChunkRanges.range(0, 96));
    assertThatThrownBy(() -> Holding.claimed(ChunkRanges.from(5), 100_000))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Holding.claimed(NOTHING, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lastChunk() {
    assertThat(MissingRanges.ofBlob(LAST, Holding.NOTHING)).isEqualTo(LAST);
    assertThat(MissingRanges.ofBlob(LAST, Holding.proven(NOTHING, 100_000)))
        .isEqualTo(ChunkRanges.from(96));
    assertThat(MissingRanges.ofBlob(LAST, Holding.claimed(NOTHING, 100_000)))
        .isEqualTo(ChunkRanges.range(96, 98).union(LAST));
    assertThat(MissingRanges.ofBlob(ChunkRanges.range(1L << 60, 1L << 61), Holding.NOTHING))
        .isEqualTo(LAST);
    assertThat(MissingRanges.ofBlob(ChunkRanges.range(5, 1L << 61), Holding.NOTHING))
        .isEqualTo(ChunkRanges.range(0, 1L << 53).union(LAST));
  }

  /** The request that the real getter sent with the root and one child complete. */
  @Test
  void asTheRealGetter() {
    Hash hash = hash(Vectors.blobs().get("collection").get("hashseq_hash").asText());
    Holding here = Holding.complete(1000);
    Holding root = Holding.complete(128);
    ChunkRangesSequence resumed =
        MissingRanges.ofSequence(
            ChunkRangesSequence.ALL,
            root,
            List.of(Holding.NOTHING, here, Holding.NOTHING, Holding.complete(0)));
    assertThat(hex(hash, resumed)).isEqualTo(live("fetch_hashseq_resume_root_and_hello"));
    assertThat(
            hex(
                hash,
                MissingRanges.ofSequence(ChunkRangesSequence.ALL, Holding.NOTHING, List.of())))
        .isEqualTo(live("fetch_hashseq_fresh"));
    assertThat(
            MissingRanges.ofSequence(
                ChunkRangesSequence.ALL, root, List.of(here, here, here, here)))
        .isEqualTo(ChunkRangesSequence.EMPTY);
    ChunkRanges rest =
        MissingRanges.ofBlob(ALL, Holding.claimed(ChunkRanges.range(16, 48), 100_000));
    Hash blob = hash(Vectors.blobs().get("negative").get("hash").asText());
    assertThat(hex(blob, ChunkRangesSequence.single(rest)))
        .isEqualTo(live("fetch_blob_resume_16_48"));
  }

  private static String hex(Hash hash, ChunkRangesSequence ranges) {
    return Hex.encode(RequestCodec.encode(new Request.Get(hash, ranges)));
  }

  private static Hash hash(String hex) {
    return Hash.of(Vectors.hex(hex));
  }

  private static String live(String call) {
    for (JsonNode vector : Vectors.blobs().get("live").get("getter_requests")) {
      if (vector.get("call").asText().equals(call)) {
        return vector.get("streams").get(0).get("request_hex").asText();
      }
    }
    throw new AssertionError(call);
  }

  @RepeatedTest(100)
  void ofSequences(RepetitionInfo repetition) throws MalformedException {
    long seed = 0x5e9L + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int count = random.nextInt(12);
    int size = 100_000;
    List<Holding> children = new ArrayList<>();
    for (int i = random.nextInt(count + 1); i > 0; i--) {
      children.add(
          switch (random.nextInt(3)) {
            case 0 -> Holding.complete(size);
            case 1 -> Holding.NOTHING;
            default -> Holding.proven(random(random, 97).slice(0, 96), size);
          });
    }
    ChunkRangesSequence wanted = wantedSequence(random);
    boolean rootProven = random.nextBoolean();
    Holding root = rootProven ? Holding.complete(count * 32L) : Holding.NOTHING;
    ChunkRangesSequence asked = MissingRanges.ofSequence(wanted, root, children);
    String label = "seed %d: %s from %s and %s".formatted(seed, wanted, root, children);
    for (int index = 0; index < 30; index++) {
      Holding holding =
          index == 0 ? root : index <= children.size() ? children.get(index - 1) : Holding.NOTHING;
      ChunkRanges expected =
          rootProven && index > count ? NOTHING : MissingRanges.ofBlob(wanted.at(index), holding);
      assertThat(asked.at(index)).as("%s, index %d", label, index).isEqualTo(expected);
    }
    assertThat(asked.isFinite()).as(label).isEqualTo(rootProven || wanted.isFinite());
    byte[] bytes = RequestCodec.encode(new Request.Get(Hash.EMPTY_BLOB, asked));
    assertThat(RequestCodec.decodeBody(bytes[0], bytes, 1, bytes.length - 1))
        .as("%s: canonical", label)
        .isEqualTo(new Request.Get(Hash.EMPTY_BLOB, asked));
  }

  private static ChunkRangesSequence wantedSequence(Random random) {
    if (random.nextBoolean()) {
      return ChunkRangesSequence.ALL;
    }
    ChunkRangesSequence.Builder wanted = ChunkRangesSequence.builder();
    for (int index = 0, i = random.nextInt(5); i > 0; i--) {
      wanted.add(index, wish(random, 98));
      index += 1 + random.nextInt(6);
    }
    return wanted.build();
  }

  @Test
  void hugeIndicesAreNotCountedUpTo() {
    ChunkRangesSequence far = ChunkRangesSequence.only(1L << 62, ALL);
    assertThat(MissingRanges.ofSequence(far, Holding.NOTHING, List.of(Holding.NOTHING)))
        .isEqualTo(far);
    assertThat(MissingRanges.ofSequence(far, Holding.complete(320), List.of()))
        .isEqualTo(ChunkRangesSequence.EMPTY);
  }

  @Test
  void requestsStayBelowTheLimits() {
    int holes = 2 * BlobsLimits.MAX_ASKED_BOUNDARIES;
    long[] boundaries = new long[holes];
    for (int i = 0; i < holes; i++) {
      boundaries[i] = (i + 1) * 16L;
    }
    Holding sieve = Holding.claimed(ChunkRanges.ofBoundaries(boundaries), 0);
    int rounds = 0;
    ChunkRanges here = sieve.present();
    while (true) {
      ChunkRanges asked = MissingRanges.ofBlob(ALL, Holding.claimed(here, 0));
      assertThat(asked.boundaryCount()).isLessThanOrEqualTo(BlobsLimits.MAX_ASKED_BOUNDARIES);
      rounds++;
      if (asked.isOpenEnded()) {
        break;
      }
      here = here.union(asked);
    }
    assertThat(rounds).isEqualTo(3);

    List<Holding> children = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      children.add(i % 2 == 0 ? Holding.complete(1) : Holding.NOTHING);
    }
    ChunkRangesSequence asked =
        MissingRanges.ofSequence(
            ChunkRangesSequence.ALL, Holding.complete(children.size() * 32L), children);
    byte[] request = RequestCodec.encode(new Request.Get(Hash.EMPTY_BLOB, asked));
    assertThat(request.length).isLessThan(BlobsLimits.MAX_REQUEST_BYTES);
    assertThat(asked.at(1).isEmpty()).isTrue();
    assertThat(asked.at(2)).isEqualTo(ALL);
    assertThat(asked.at(99_999).isEmpty()).as("later").isTrue();
    assertThat(asked.isFinite()).isTrue();

    List<Holding> sieves = List.of(sieve, Holding.NOTHING);
    ChunkRangesSequence first =
        MissingRanges.ofSequence(ChunkRangesSequence.ALL, Holding.complete(64), sieves);
    assertThat(first.at(1).boundaryCount()).isEqualTo(BlobsLimits.MAX_ASKED_BOUNDARIES);
    assertThat(first.at(2).isEmpty()).isTrue();
  }
}
