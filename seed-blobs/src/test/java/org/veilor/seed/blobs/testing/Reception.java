package org.veilor.seed.blobs.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.veilor.seed.blobs.getter.GetterEvent;
import org.veilor.seed.blobs.getter.GetterSession;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.MemoryBlob;
import org.veilor.seed.core.hash.Hash;

/**
 * What a getter session yields for some bytes, each leaf compared with the blob of that name. It
 * notes chunks bit by bit, so that it can tell the sets of the product's code apart from the truth.
 */
public final class Reception {
  private final GetterSession session;
  private final Function<Hash, byte[]> blobs;
  private final Map<Long, Hash> hashes = new TreeMap<>();
  private final Map<Hash, MemoryBlob> sources = new HashMap<>();
  private final Map<Long, ChunkRanges> chunks = new TreeMap<>();
  private final Map<Long, GetterEvent.BlobDone> done = new TreeMap<>();
  private final List<Long> missing = new ArrayList<>();
  private long payloadBytes;
  private long takenBytes;

  /**
   * Nothing received so far.
   *
   * @param blobs the true bytes of each blob
   */
  public Reception(GetterSession session, Function<Hash, byte[]> blobs) {
    this.session = session;
    this.blobs = blobs;
  }

  /** Feeds bytes in slices of these lengths, as the owner of a stream does. */
  public Reception feed(byte[] response, IntSupplier slices) {
    int position = 0;
    do {
      int length = Math.min(Math.max(0, slices.getAsInt()), response.length - position);
      byte[] slice = Arrays.copyOfRange(response, position, position + length);
      position += length;
      take(slice);
    } while (position < response.length);
    return this;
  }

  private void take(byte[] slice) {
    int position = 0;
    while (true) {
      GetterEvent event = session.next(slice, position, slice.length - position);
      position += session.consumed();
      takenBytes += session.consumed();
      switch (event) {
        case GetterEvent.NeedMore _ -> {
          check(position == slice.length, "everything is taken before more is needed");
          return;
        }
        case GetterEvent.BlobStarted started -> hashes.put(started.index(), started.hash());
        case GetterEvent.Pair pair -> pair(pair);
        case GetterEvent.Data data -> data(data);
        case GetterEvent.BlobDone blob -> done.put(blob.index(), blob);
        case GetterEvent.BlobMissing blob -> missing.add(blob.index());
        case GetterEvent.Complete _, GetterEvent.Failed _, GetterEvent.NoHashSequence _ -> {
          check(session.next(slice, 0, slice.length).equals(event), "an end stays");
          return;
        }
      }
    }
  }

  /** A pair lies in the outboard of the true blob where it says, whatever size was claimed. */
  private void pair(GetterEvent.Pair pair) {
    if (pair.parent().isInOutboard()) {
      byte[] expected = new byte[BaoTree.PAIR_BYTES];
      sources
          .computeIfAbsent(hash(pair.index()), name -> MemoryBlob.of(blobs.apply(name)))
          .readPair(pair.parent().pairIndex(), expected, 0);
      check(
          Arrays.equals(expected, 0, expected.length, pair.buffer(), 0, expected.length),
          "a pair is part of the outboard");
    }
  }

  private Hash hash(long index) {
    return Objects.requireNonNull(hashes.get(index));
  }

  private void data(GetterEvent.Data data) {
    byte[] blob = blobs.apply(hash(data.index()));
    int offset = Math.toIntExact(data.leaf().startChunk() * BaoTree.CHUNK_BYTES);
    int end = offset + data.leaf().lengthBytes();
    check(
        end <= blob.length && Arrays.equals(blob, offset, end, data.buffer(), 0, end - offset),
        "a leaf is part of the blob");
    check(
        data.leaf().lengthBytes() % BaoTree.CHUNK_BYTES == 0 || end == blob.length, "whole chunks");
    ChunkRanges leaf = ChunkRanges.range(data.leaf().startChunk(), data.leaf().endChunk());
    ChunkRanges before = chunks.getOrDefault(data.index(), ChunkRanges.EMPTY);
    check(before.intersect(leaf).isEmpty(), "a chunk comes once");
    chunks.put(data.index(), before.union(leaf));
    payloadBytes += data.leaf().lengthBytes();
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** Chunks received of the blob with this index of the request. */
  public ChunkRanges chunks(long index) {
    return chunks.getOrDefault(index, ChunkRanges.EMPTY);
  }

  /** The blobs that were completed, by index. */
  public Map<Long, GetterEvent.BlobDone> done() {
    return done;
  }

  /** Whether the blob with this index was completed and its size proven with that. */
  public boolean isSizeProven(long index) {
    GetterEvent.BlobDone blob = done.get(index);
    return blob != null && blob.sizeProven();
  }

  /** Indices of the blobs that were said to have size 0. */
  public List<Long> missing() {
    return missing;
  }

  /** Bytes of blobs received. */
  public long payloadBytes() {
    return payloadBytes;
  }

  /** Bytes taken from the stream. */
  public long takenBytes() {
    return takenBytes;
  }

  /** The session that was fed. */
  public GetterSession session() {
    return session;
  }
}
