package org.veilor.seed.blobs.getter;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ObserveItem;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Reads the response to an Observe: items with a length before them, without end, the first one
 * with everything that the provider has, the others with what came to it (iroh-blobs {@code
 * Bitfield}).
 *
 * <p>Chunks are only ever added, and what is known of the size grows more certain: a size that is
 * proven stays, of two that are not the one beside the higher chunks is taken. A provider that
 * contradicts itself is no liar for that (iroh-blobs keeps stale sizes at times), but what it says
 * is of no use. How many items a second are too many is for the owner to judge. One thread may use
 * a session at a time.
 */
public final class ObserverSession {
  private static final int FIRST_BYTES = 64;
  private static final int VARINT_BITS = 7;
  private static final int MAX_LENGTH_BITS = 63;

  /** What bytes led to. */
  public sealed interface Event {
    /** All bytes were taken and more are needed. */
    record NeedMore() implements Event {}

    /** An item has come. It may bring nothing new. */
    record Updated(Observation observation) implements Event {}

    /** The stream is of no use from here. */
    record Failed(Reason reason) implements Event {}
  }

  /** Why a stream is of no use any more. */
  public enum Reason {
    /** An item is longer than {@link BlobsLimits#MAX_OBSERVE_ITEM_BYTES}. */
    TOO_LONG,
    /** An item is no item, or has too many ranges. */
    MALFORMED,
    /** The chunks are in more than {@link BlobsLimits#MAX_BOUNDARIES} pieces by now. */
    TOO_FRAGMENTED,
    /** Two proven sizes, or an end where none can be. */
    CONTRADICTION,
    /** The stream ended inside an item. */
    TRUNCATED,
    /** The stream ended between two items, which no provider does as long as it is observed. */
    ENDED
  }

  private final boolean emptyBlob;
  private Observation observation;
  private long length;
  private int lengthBits;
  private boolean lengthKnown;
  private byte[] body = {};
  private int bodyBytes;
  private Event.@Nullable Failed failed;
  private int consumed;

  /**
   * A session for one blob. There is no use in observing {@link Hash#EMPTY_BLOB}, which everybody
   * has: iroh-blobs resets that stream.
   */
  public ObserverSession(Hash hash) {
    emptyBlob = hash.equals(Hash.EMPTY_BLOB);
    observation = emptyBlob ? Observation.EMPTY_BLOB : Observation.UNKNOWN;
  }

  /** Bytes that the last {@link #next} took. */
  public int consumed() {
    return consumed;
  }

  /** What is known by now. */
  public Observation observation() {
    return observation;
  }

  /** Takes bytes up to the end of an item. Call it again with the rest until it needs more. */
  public Event next(byte[] data, int offset, int available) {
    consumed = 0;
    while (failed == null && !lengthKnown && consumed < available) {
      takeLengthByte(data[offset + consumed++]);
    }
    if (failed != null) {
      return failed;
    }
    if (!lengthKnown) {
      return new Event.NeedMore();
    }
    int count = (int) Math.min(length - bodyBytes, available - consumed);
    makeRoom(bodyBytes + count);
    System.arraycopy(data, offset + consumed, body, bodyBytes, count);
    bodyBytes += count;
    consumed += count;
    return bodyBytes == length ? item() : new Event.NeedMore();
  }

  /** What the end of the stream means, if it comes now. */
  public Event.Failed endOfStream() {
    return failed != null
        ? failed
        : fail(lengthBits > 0 || lengthKnown ? Reason.TRUNCATED : Reason.ENDED);
  }

  private void takeLengthByte(byte next) {
    length |= (long) (next & 0x7f) << lengthBits;
    lengthBits += VARINT_BITS;
    lengthKnown = next >= 0;
    if (length < 0 || length > BlobsLimits.MAX_OBSERVE_ITEM_BYTES) {
      fail(Reason.TOO_LONG);
    } else if (!lengthKnown && lengthBits >= MAX_LENGTH_BITS) {
      fail(Reason.MALFORMED);
    }
  }

  /** The array grows with the bytes that are here, not with the length that is claimed. */
  private void makeRoom(int bytes) {
    if (bytes > body.length) {
      int room = Math.max(FIRST_BYTES, Math.max(bytes, 2 * body.length));
      body = Arrays.copyOf(body, Math.min(room, BlobsLimits.MAX_OBSERVE_ITEM_BYTES));
    }
  }

  private Event item() {
    ObserveItem item;
    try {
      item = ObserveItem.decode(body, 0, bodyBytes);
    } catch (MalformedException _) {
      return fail(Reason.MALFORMED);
    }
    length = 0;
    lengthBits = 0;
    lengthKnown = false;
    bodyBytes = 0;
    if (body.length > BaoTree.GROUP_BYTES) {
      body = new byte[0]; // one long item is no reason to keep the room for ever
    }
    if (emptyBlob) {
      return new Event.Updated(observation);
    }
    Optional<Observation> merged = canonical(item).flatMap(news -> merge(observation, news));
    if (merged.isEmpty()) {
      return fail(Reason.CONTRADICTION);
    }
    if (merged.get().present().boundaryCount() > BlobsLimits.MAX_BOUNDARIES) {
      return fail(Reason.TOO_FRAGMENTED);
    }
    observation = merged.get();
    return new Event.Updated(observation);
  }

  private Event.Failed fail(Reason reason) {
    failed = new Event.Failed(reason);
    return failed;
  }

  /** An item alone. A size that no blob can have counts as unknown: a liar told it the provider. */
  private static Optional<Observation> canonical(ObserveItem item) {
    return canonical(Math.max(0, item.sizeBytes()), item.ranges());
  }

  /** The form with an open end exactly if the last chunk is present; empty if there is none. */
  private static Optional<Observation> canonical(long sizeBytes, ChunkRanges ranges) {
    if (sizeBytes > 0) {
      long lastChunk = new BaoTree(sizeBytes).chunks() - 1;
      if (ranges.contains(lastChunk)) {
        ChunkRanges present = ranges.union(ChunkRanges.from(lastChunk));
        return Optional.of(new Observation(sizeBytes, true, present));
      }
    }
    return ranges.isOpenEnded()
        ? Optional.empty()
        : Optional.of(new Observation(sizeBytes, false, ranges));
  }

  private static Optional<Observation> merge(Observation before, Observation news) {
    if (before.sizeProven() && news.sizeProven() && before.sizeBytes() != news.sizeBytes()) {
      return Optional.empty();
    }
    return canonical(betterSize(before, news), before.present().union(news.present()));
  }

  private static long betterSize(Observation before, Observation news) {
    if (before.sizeProven() != news.sizeProven()) {
      return before.sizeProven() ? before.sizeBytes() : news.sizeBytes();
    }
    if (before.sizeBytes() == 0 || news.sizeBytes() == 0) {
      return Math.max(before.sizeBytes(), news.sizeBytes());
    }
    int order = Long.compareUnsigned(end(before.present()), end(news.present()));
    return order == 0
        ? Math.max(before.sizeBytes(), news.sizeBytes())
        : order > 0 ? before.sizeBytes() : news.sizeBytes();
  }

  private static long end(ChunkRanges bounded) {
    return bounded.isEmpty() ? 0 : bounded.boundary(bounded.boundaryCount() - 1);
  }
}
