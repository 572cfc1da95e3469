package org.veilor.seed.store.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.hash.Hash;

/**
 * Which chunk groups of a blob are here. Any thread.
 *
 * <p>As a file, little endian: 8 bytes of mark and version, the hash, 8 bytes of size, one byte
 * that is 1 if the size is proven, a bit for each group from the least significant one on, 4 bytes
 * CRC-32C of all that.
 */
final class Bitfield {
  private static final long MARK = 0x3156425f444e5356L; // "VSND_BV1"
  private static final int HEADER_BYTES = 8 + Hash.LENGTH + 8 + 1;
  private static final int CHECKSUM_BYTES = 4;
  private static final int WHOLE_GROUP = (1 << BaoTree.GROUP_CHUNKS) - 1;

  private final BaoTree tree;
  private final BitSet groups;
  private final Map<Integer, Integer> parts = new HashMap<>();
  private boolean sizeProven;
  private @Nullable ChunkRanges ranges;

  /** Nothing is here. */
  Bitfield(long sizeBytes) {
    this(sizeBytes, false, new BitSet());
  }

  private Bitfield(long sizeBytes, boolean sizeProven, BitSet groups) {
    this.tree = new BaoTree(sizeBytes);
    this.sizeProven = sizeProven;
    this.groups = groups;
  }

  /** Whether a bitfield can describe a blob of that size. */
  static boolean canHold(long sizeBytes) {
    return new BaoTree(sizeBytes).groups() <= Integer.MAX_VALUE / 2;
  }

  /** Bytes of the file for so many groups. */
  static long fileBytes(long groups) {
    return HEADER_BYTES + (groups + 7) / 8 + CHECKSUM_BYTES;
  }

  long sizeBytes() {
    return tree.sizeBytes();
  }

  BaoTree tree() {
    return tree;
  }

  synchronized boolean isSizeProven() {
    return sizeProven;
  }

  synchronized void proveSize() {
    sizeProven = true;
  }

  /** These chunks have been written. The last one proves the size. */
  synchronized void add(long startChunk, long endChunk) {
    for (long start = startChunk; start < endChunk; ) {
      long groupEnd = (start / BaoTree.GROUP_CHUNKS + 1) * BaoTree.GROUP_CHUNKS;
      long end = Math.min(endChunk, groupEnd);
      addToGroup(start, end);
      start = end;
    }
    if (endChunk == tree.chunks()) {
      sizeProven = true;
    }
  }

  private void addToGroup(long startChunk, long endChunk) {
    int group = (int) (startChunk / BaoTree.GROUP_CHUNKS);
    long groupStart = (long) group * BaoTree.GROUP_CHUNKS;
    int chunksOfGroup = (int) Math.min(BaoTree.GROUP_CHUNKS, tree.chunks() - groupStart);
    int from = (int) (startChunk - groupStart);
    int to = (int) (endChunk - groupStart);
    int whole = WHOLE_GROUP >>> (BaoTree.GROUP_CHUNKS - chunksOfGroup);
    int part = (WHOLE_GROUP >>> (BaoTree.GROUP_CHUNKS - (to - from))) << from;
    if (part != whole) {
      part |= parts.getOrDefault(group, 0);
    }
    if (part == whole) {
      parts.remove(group);
      groups.set(group);
      ranges = null;
    } else if (!groups.get(group)
        && (parts.containsKey(group) || parts.size() < CacheLimits.PARTIAL_GROUPS)) {
      parts.put(group, part);
    }
  }

  synchronized boolean isEmpty() {
    return groups.isEmpty();
  }

  synchronized boolean isComplete() {
    return groups.cardinality() == tree.groups();
  }

  /** Whether all groups that hold these bytes are here. */
  synchronized boolean containsBytes(long from, long until) {
    if (until <= from) {
      return true;
    }
    int first = (int) (from / BaoTree.GROUP_BYTES);
    int last = (int) ((until - 1) / BaoTree.GROUP_BYTES);
    return groups.nextClearBit(first) > last;
  }

  synchronized long presentBytes() {
    long bytes = (long) groups.cardinality() * BaoTree.GROUP_BYTES;
    long lastGroup = tree.groups() - 1;
    if (groups.get((int) lastGroup)) {
      bytes -= BaoTree.GROUP_BYTES - (tree.sizeBytes() - lastGroup * BaoTree.GROUP_BYTES);
    }
    return bytes;
  }

  /** The chunks that are here. */
  synchronized ChunkRanges ranges() {
    if (ranges == null) {
      long[] boundaries = new long[16];
      int count = 0;
      for (int start = groups.nextSetBit(0); start >= 0; ) {
        int end = groups.nextClearBit(start);
        if (count == boundaries.length) {
          boundaries = Arrays.copyOf(boundaries, 2 * count);
        }
        boundaries[count++] = (long) start * BaoTree.GROUP_CHUNKS;
        boundaries[count++] = Math.min(tree.chunks(), (long) end * BaoTree.GROUP_CHUNKS);
        start = groups.nextSetBit(end);
      }
      ranges = ChunkRanges.ofBoundaries(Arrays.copyOf(boundaries, count));
    }
    return ranges;
  }

  /** The bytes of the file. */
  synchronized byte[] encode(Hash hash) {
    ByteBuffer out =
        ByteBuffer.allocate((int) fileBytes(tree.groups())).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(MARK).put(hash.toBytes()).putLong(tree.sizeBytes());
    out.put((byte) (sizeProven ? 1 : 0));
    out.put(groups.toByteArray());
    out.position(out.capacity() - CHECKSUM_BYTES);
    out.putInt(checksum(out.array(), out.position()));
    return out.array();
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** The bitfield of {@code hash} that a file holds, or null if it is not one, or damaged. */
  static @Nullable Bitfield decode(Hash hash, byte[] file) {
    if (file.length < HEADER_BYTES + CHECKSUM_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int checkedBytes = file.length - CHECKSUM_BYTES;
    if (in.getInt(checkedBytes) != checksum(file, checkedBytes)
        || in.getLong() != MARK
        || !hash.matches(file, in.position())) {
      return null;
    }
    long sizeBytes = in.getLong(8 + Hash.LENGTH);
    if (sizeBytes < 0
        || !canHold(sizeBytes)
        || file.length != fileBytes(new BaoTree(sizeBytes).groups())) {
      return null;
    }
    boolean proven = file[HEADER_BYTES - 1] == 1;
    BitSet groups = BitSet.valueOf(Arrays.copyOfRange(file, HEADER_BYTES, checkedBytes));
    return groups.length() > new BaoTree(sizeBytes).groups()
        ? null
        : new Bitfield(sizeBytes, proven, groups);
  }
}
