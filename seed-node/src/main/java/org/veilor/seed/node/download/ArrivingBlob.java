package org.veilor.seed.node.download;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.store.cache.Opening;
import org.veilor.seed.store.cache.PartialBlob;
import org.veilor.seed.store.cache.Purpose;

/**
 * The verified bytes of a download: in the cache, or, if it does not keep them, the groups around
 * its readers in memory.
 *
 * <p>Until the size is proved items are held in memory, so that no claim ever reaches the cache.
 * The download's thread writes; readers read what {@link #present()} says.
 */
final class ArrivingBlob {
  private static final Logger log = LoggerFactory.getLogger(ArrivingBlob.class);

  /** Before the size is proved; the plan asks for less. */
  private static final long MAX_HELD_BYTES = 8L << 20;

  @SuppressWarnings("ArrayRecordComponent") // kept for a moment, never compared
  private record Held(long claimedSizeBytes, BaoItem item, byte[] bytes) {}

  private final Hash hash;
  private final BlobKeeper keeper;
  private final List<Held> held = new ArrayList<>();
  private long heldBytes;
  private @Nullable PartialBlob partial;
  private boolean keeping;
  private boolean ended;
  private @Nullable String notKept;
  private final GatheredChunks gathered;
  private final Map<Long, byte[]> window = new ConcurrentHashMap<>();
  private volatile OptionalLong size = OptionalLong.empty();

  /** What the cache has of it; readable by whoever has a reader of it. */
  private volatile ChunkRanges stored = ChunkRanges.EMPTY;

  private volatile ChunkRanges present = ChunkRanges.EMPTY;

  ArrivingBlob(Hash hash, BlobKeeper keeper, GatheredChunks.Pool pool) {
    this.hash = hash;
    this.keeper = keeper;
    this.gathered = new GatheredChunks(pool);
  }

  OptionalLong size() {
    return size;
  }

  /** The chunks that can be read. */
  ChunkRanges present() {
    return present;
  }

  boolean isKept() {
    return keeping;
  }

  /** Why the cache does not keep it; null if it does or has not been asked. */
  @Nullable String notKept() {
    return notKept;
  }

  /** Takes a verified pair. */
  void pair(long claimedSizeBytes, BaoItem.Parent parent, byte[] buffer) throws IOException {
    if (!parent.isInOutboard()) {
      return;
    }
    if (size.isEmpty()) {
      hold(new Held(claimedSizeBytes, parent, Arrays.copyOf(buffer, BaoTree.PAIR_BYTES)));
    } else if (keeping && partial != null) {
      partial.writePair(parent, buffer);
    }
  }

  /**
   * Takes a verified leaf, which nobody can read before {@link #flush}.
   *
   * @return the chunk group; nothing if the leaf is less than one
   */
  ChunkRanges leaf(long claimedSizeBytes, BaoItem.Leaf leaf, byte[] buffer) throws IOException {
    boolean ends = leaf.endChunk() == new BaoTree(claimedSizeBytes).chunks();
    boolean isWhole =
        leaf.startChunk() % BaoTree.GROUP_CHUNKS == 0
            && (ends || leaf.endChunk() - leaf.startChunk() == BaoTree.GROUP_CHUNKS);
    if (!isWhole) {
      return ChunkRanges.EMPTY;
    }
    ChunkRanges group = ChunkRanges.range(leaf.startChunk(), leaf.endChunk());
    if (size.isEmpty()) {
      hold(new Held(claimedSizeBytes, leaf, Arrays.copyOf(buffer, leaf.lengthBytes())));
    } else if (!present.contains(leaf.startChunk()) && !gathered.contains(leaf.startChunk())) {
      store(leaf, buffer);
    }
    return group;
  }

  private void hold(Held item) throws IOException {
    heldBytes += item.bytes().length;
    if (heldBytes > MAX_HELD_BYTES) {
      throw new IOException("more than " + MAX_HELD_BYTES + " bytes came before the size");
    }
    held.add(item);
  }

  private void store(BaoItem.Leaf leaf, byte[] buffer) throws IOException {
    if (!keeping || partial == null) {
      byte[] bytes = Arrays.copyOf(buffer, leaf.lengthBytes());
      window.put(leaf.startChunk() / BaoTree.GROUP_CHUNKS, bytes);
      present = present.union(ChunkRanges.range(leaf.startChunk(), leaf.endChunk()));
    } else if (!gathered.append(leaf, buffer)) {
      flush();
      gathered.append(leaf, buffer);
    }
  }

  /** Writes what has been gathered: from now on it can be read. */
  void flush() throws IOException {
    if (!gathered.isEmpty() && partial != null) {
      partial.write(gathered.startChunk(), gathered.bytes());
      ChunkRanges written = ChunkRanges.range(gathered.startChunk(), gathered.endChunk());
      gathered.clear();
      stored = stored.union(written);
      present = present.union(written);
    }
  }

  /** It is the empty blob, which nobody has to fetch. */
  void beEmpty() {
    size = OptionalLong.of(0);
  }

  /**
   * The size is proved: asks the cache for room and writes what was held.
   *
   * @param askedTwice several asked for it before, so that it has its second request
   * @return the chunks of responses that claimed another size, which are gone
   */
  ChunkRanges prove(long sizeBytes, Purpose purpose, boolean askedTwice) throws IOException {
    begin(sizeBytes, purpose, askedTwice);
    size = OptionalLong.of(sizeBytes);
    ChunkRanges gone = ChunkRanges.EMPTY;
    for (Held item : held) {
      boolean isTrue = item.claimedSizeBytes() == sizeBytes;
      switch (item.item()) {
        case BaoItem.Parent parent when isTrue -> pair(sizeBytes, parent, item.bytes());
        case BaoItem.Leaf leaf when isTrue -> {
          var _ = leaf(sizeBytes, leaf, item.bytes());
        }
        case BaoItem.Leaf leaf ->
            gone = gone.union(ChunkRanges.range(leaf.startChunk(), leaf.endChunk()));
        case BaoItem.Parent _ -> {}
      }
    }
    held.clear();
    flush();
    return gone.minus(present);
  }

  private void begin(long sizeBytes, Purpose purpose, boolean askedTwice) throws IOException {
    Opening opening = keeper.begin(hash, sizeBytes, purpose);
    if (askedTwice
        && opening instanceof Opening.NotKept(Opening.Reason reason)
        && reason == Opening.Reason.SECOND_REQUEST_NEEDED) {
      opening = keeper.begin(hash, sizeBytes, purpose);
    }
    switch (opening) {
      case Opening.Writer writer -> {
        partial = writer.blob();
        partial.sizeProven(sizeBytes);
        keeping = true;
        stored =
            ChunkSets.wholeGroups(partial.present(), new BaoTree(sizeBytes).chunks())
                .slice(0, new BaoTree(sizeBytes).chunks());
        present = stored;
      }
      case Opening.Complete _ -> {
        keeping = true;
        stored = ChunkRanges.range(0, new BaoTree(sizeBytes).chunks());
        present = stored;
      }
      case Opening.Busy _ -> notKept = "somebody else is writing it";
      case Opening.NotKept reason -> notKept = reason.reason().toString();
    }
  }

  /**
   * The cache takes no more: what it has can still be read, if {@code readable}.
   *
   * @return the chunks that are gone
   */
  ChunkRanges stopKeeping(String why, boolean readable) {
    keeping = false;
    notKept = why;
    ChunkRanges gone = readable ? ChunkRanges.EMPTY : stored;
    stored = stored.minus(gone);
    present = present.minus(gone);
    rescue();
    return gone;
  }

  /** What could not be written goes to readers from memory. */
  private void rescue() {
    if (!gathered.isEmpty()) {
      long end = gathered.endChunk();
      for (long chunk = gathered.startChunk(); chunk < end; chunk += BaoTree.GROUP_CHUNKS) {
        window.put(chunk / BaoTree.GROUP_CHUNKS, gathered.group(chunk));
      }
      present = present.union(ChunkRanges.range(gathered.startChunk(), end));
      gathered.clear();
    }
  }

  /** Forgets groups in memory that are in none of these windows; says which. */
  ChunkRanges keepOnly(ChunkRanges windows) {
    ChunkRanges gone = present.minus(stored).minus(windows);
    if (gone.isEmpty()) {
      return gone;
    }
    present = present.minus(gone);
    window.keySet().removeIf(group -> gone.contains(group * BaoTree.GROUP_CHUNKS));
    return gone;
  }

  /** Bytes held in memory. */
  long memoryBytes() {
    return heldBytes(held) + window.size() * (long) BaoTree.GROUP_BYTES;
  }

  private long heldBytes(List<Held> items) {
    return items.isEmpty() ? 0 : heldBytes;
  }

  /** A reader of what the cache has; null if it has nothing. One thread may use it. */
  @Nullable BlobReader openStored() throws IOException {
    PartialBlob blob = partial;
    if (blob == null || ended) {
      return stored.isEmpty() ? null : keeper.complete(hash);
    }
    return blob.reader();
  }

  /**
   * Reads from memory.
   *
   * @return how many bytes; 0 if the position is not in memory
   */
  int readMemory(long position, byte[] target, int offset, int length) {
    byte[] group = window.get(position / BaoTree.GROUP_BYTES);
    if (group == null) {
      return 0;
    }
    int from = (int) (position % BaoTree.GROUP_BYTES);
    int count = Math.min(length, group.length - from);
    System.arraycopy(group, from, target, offset, count);
    return count;
  }

  /** Bytes that the cache has from a position on, without a gap. */
  long storedBytes(long position) {
    return runBytes(stored, position);
  }

  /** Bytes that can be read from a position on, without a gap. */
  long availableBytes(long position) {
    return runBytes(present, position);
  }

  private long runBytes(ChunkRanges now, long position) {
    long chunk = position / BaoTree.CHUNK_BYTES;
    for (int i = 0; i + 1 < now.boundaryCount(); i += 2) {
      if (chunk >= now.boundary(i) && chunk < now.boundary(i + 1)) {
        long end = Math.min(size.orElse(0), now.boundary(i + 1) * BaoTree.CHUNK_BYTES);
        return Math.max(0, end - position);
      }
    }
    return 0;
  }

  /** Makes what is here durable. May be called from another thread while writing goes on. */
  void checkpoint() throws IOException {
    PartialBlob blob = partial;
    if (blob != null && keeping && !ended) {
      blob.checkpoint();
    }
  }

  /** All is here. */
  void commit() throws IOException {
    PartialBlob blob = partial;
    if (blob != null && keeping) {
      blob.commit();
      close();
    }
  }

  /** Ends writing; what is here is kept for a later try. */
  void close() {
    gathered.clear();
    PartialBlob blob = partial;
    if (blob != null && !ended) {
      ended = true;
      log.debug("{} is no longer written", hash);
      blob.close();
    }
  }
}
