package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of one stream from being written until being acknowledged.
 *
 * <p>Written arrays are kept as they are and copied once, into the packet. Offsets count from the
 * beginning of the stream:
 *
 * <pre>
 *   base          acknowledged up to here, memory before it is gone
 *   base..sentEnd in flight, acknowledged out of order, or lost (two range sets say which)
 *   sentEnd..end  never sent
 * </pre>
 */
final class SendBuffer {
  private static final int INITIAL_SLICES = 4;

  /** A part of an array the application handed over. */
  private static final class Slice {
    final byte[] bytes;
    final int from;
    final int length;
    final long offset; // of its first byte in the stream

    Slice(byte[] bytes, int from, int length, long offset) {
      this.bytes = bytes;
      this.from = from;
      this.length = length;
      this.offset = offset;
    }

    long end() {
      return offset + length;
    }
  }

  private static final Slice NONE = new Slice(new byte[0], 0, 0, 0);

  // A ring: slice i of the stream is slices[i & (slices.length - 1)], for i in [firstSlice,
  // endSlice).
  private Slice[] slices = emptyRing(INITIAL_SLICES);
  private int firstSlice;
  private int endSlice;
  private int cursor; // the slice the last copy ended in

  private final RangeSet acked = new RangeSet();
  private final RangeSet lost = new RangeSet();
  private long base;
  private long sentEnd;
  private long end;

  private static Slice[] emptyRing(int length) {
    Slice[] ring = new Slice[length];
    Arrays.fill(ring, NONE);
    return ring;
  }

  /** Appends; the array belongs to this buffer from now on. */
  void append(byte[] bytes, int from, int length) {
    if (length == 0) {
      return;
    }
    if (endSlice - firstSlice == slices.length) {
      grow();
    }
    slices[endSlice & (slices.length - 1)] = new Slice(bytes, from, length, end);
    endSlice++;
    end += length;
  }

  private void grow() {
    Slice[] larger = emptyRing(slices.length * 2);
    for (int i = firstSlice; i != endSlice; i++) {
      larger[i & (larger.length - 1)] = slices[i & (slices.length - 1)];
    }
    slices = larger;
  }

  /** Bytes written so far. */
  long end() {
    return end;
  }

  /** Bytes sent at least once. */
  long sentEnd() {
    return sentEnd;
  }

  /** Bytes never sent. */
  long unsentBytes() {
    return end - sentEnd;
  }

  /** Bytes that cost memory. */
  long bufferedBytes() {
    return end - base;
  }

  boolean isAllAcked() {
    return base == end;
  }

  boolean hasLost() {
    return !lost.isEmpty();
  }

  /** Where the first lost range begins. */
  long lostOffset() {
    return lost.firstStart();
  }

  /** Length of the first lost range. */
  long lostLength() {
    return lost.firstEnd() - lost.firstStart();
  }

  /** The first {@code length} bytes after {@link #sentEnd} are in a packet now. */
  void markSent(int length) {
    sentEnd += length;
  }

  /** Lost bytes are in a packet again. */
  void markResent(long offset, int length) {
    lost.remove(offset, offset + length);
  }

  /** The peer has them; frees what lies before the first missing byte. */
  void onAcked(long offset, int length) {
    if (offset + length <= base) {
      return;
    }
    if (!lost.isEmpty()) {
      lost.remove(offset, offset + length);
    }
    if (offset > base) {
      acked.add(offset, offset + length);
      return;
    }
    base = offset + length;
    acked.remove(0, base);
    if (!acked.isEmpty() && acked.firstStart() == base) {
      base = acked.firstEnd();
      acked.remove(0, base);
    }
    freeBeforeBase();
  }

  private void freeBeforeBase() {
    while (firstSlice != endSlice && slice(firstSlice).end() <= base) {
      slices[firstSlice & (slices.length - 1)] = NONE;
      firstSlice++;
    }
    if (cursor - firstSlice < 0) {
      cursor = firstSlice;
    }
  }

  /** They have to be sent again, unless another packet brought them. */
  void onLost(long offset, int length) {
    acked.addGapsTo(lost, Math.max(offset, base), offset + length);
  }

  /** Copies into a packet. */
  void copyTo(ByteBuffer packet, long offset, int length) {
    seek(offset);
    long at = offset;
    int left = length;
    while (left > 0) {
      Slice slice = slice(cursor);
      int skip = (int) (at - slice.offset);
      int count = Math.min(left, slice.length - skip);
      packet.put(slice.bytes, slice.from + skip, count);
      at += count;
      left -= count;
      if (left > 0) {
        cursor++;
      }
    }
  }

  /** Moves the cursor to the slice with this offset: mostly the same one, or the next. */
  private void seek(long offset) {
    if (holds(cursor, offset)) {
      return;
    }
    if (holds(cursor + 1, offset)) {
      cursor++;
      return;
    }
    int low = 0;
    int high = endSlice - firstSlice - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (slice(firstSlice + middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    cursor = firstSlice + low;
  }

  private boolean holds(int index, long offset) {
    if (index - firstSlice < 0 || index - endSlice >= 0) {
      return false;
    }
    Slice slice = slice(index);
    return slice.offset <= offset && offset < slice.end();
  }

  private Slice slice(int index) {
    return slices[index & (slices.length - 1)];
  }

  /** Forgets all bytes, sent or not; {@link #sentEnd} stays. */
  void discard() {
    slices = emptyRing(INITIAL_SLICES);
    firstSlice = 0;
    endSlice = 0;
    cursor = 0;
    acked.clear();
    lost.clear();
    end = sentEnd;
    base = sentEnd;
  }
}
