package org.veilor.seed.quic.stream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Received bytes in order, as a linked list of arrays.
 *
 * <p>Appending fills the last array first. The first array is as large as the first bytes, the
 * later ones double up to 16 KiB: an array is at least half full or the last one, so that memory
 * stays in proportion to bytes, for a stream of 10 bytes as for one of megabytes. Two queues join
 * in O(1).
 */
final class ChunkQueue {
  /** Arrays grow up to this, unless a single append is larger. */
  static final int MAX_GROWTH = 16 * 1024;

  /** {@link #compact} joins neighbours while they are not larger than this together. */
  static final int COMPACT_BYTES = 4 * 1024;

  /** An array of which {@code [from, to)} is filled. */
  private static final class Chunk {
    final byte[] bytes;
    int from;
    int to;
    @Nullable Chunk next;

    Chunk(int capacity) {
      bytes = new byte[capacity];
    }

    int length() {
      return to - from;
    }
  }

  private @Nullable Chunk head;
  private @Nullable Chunk tail;
  private int size;
  private int count;

  /** Bytes held. */
  int size() {
    return size;
  }

  /** Arrays held. */
  int count() {
    return count;
  }

  /** Appends {@code length} bytes at {@code index}; the position of the buffer does not move. */
  void append(ByteBuffer data, int index, int length) {
    Chunk last = tail;
    int written = 0;
    if (last != null && (size > 0 || last.bytes.length >= length)) {
      written = Math.min(length, last.bytes.length - last.to);
      data.get(index, last.bytes, last.to, written);
      last.to += written;
    }
    if (written < length) {
      int rest = length - written;
      int growth = last == null ? 0 : Math.min(MAX_GROWTH, 2 * last.bytes.length);
      Chunk chunk = new Chunk(Math.max(rest, growth));
      data.get(index + written, chunk.bytes, 0, rest);
      chunk.to = rest;
      if (size == 0) {
        clear(); // an empty array too small to be used again
      }
      link(chunk);
    }
    size += length;
  }

  private void link(Chunk chunk) {
    if (tail == null) {
      head = chunk;
    } else {
      tail.next = chunk;
    }
    tail = chunk;
    count++;
  }

  /** Moves all bytes of another queue behind these. */
  void appendAll(ChunkQueue other) {
    if (other.size == 0) {
      return;
    }
    if (size == 0) {
      clear();
    }
    if (tail == null) {
      head = other.head;
    } else {
      tail.next = other.head;
    }
    tail = other.tail;
    size += other.size;
    count += other.count;
    other.clear();
  }

  /** Moves up to {@code length} bytes out; returns how many. */
  int read(byte[] target, int offset, int length) {
    int done = 0;
    Chunk chunk = head;
    while (chunk != null && done < length && size > 0) {
      int part = Math.min(length - done, chunk.length());
      System.arraycopy(chunk.bytes, chunk.from, target, offset + done, part);
      chunk.from += part;
      done += part;
      size -= part;
      if (chunk.length() == 0 && chunk.next != null) {
        chunk = chunk.next;
        head = chunk;
        count--;
      } else if (size == 0) {
        chunk.from = 0; // the last array is used again
        chunk.to = 0;
      }
    }
    return done;
  }

  /** Copies small neighbours together. */
  void compact() {
    Chunk before = null;
    Chunk chunk = head;
    while (chunk != null) {
      Chunk next = chunk.next;
      if (next != null && chunk.length() + next.length() <= COMPACT_BYTES) {
        chunk = join(before, chunk);
      }
      before = chunk;
      chunk = chunk.next;
    }
  }

  /** Replaces {@code first} and as many successors as fit by one array of their length. */
  private Chunk join(@Nullable Chunk before, Chunk first) {
    int length = 0;
    Chunk end = first;
    while (end != null && length + end.length() <= COMPACT_BYTES) {
      length += end.length();
      end = end.next;
    }
    Chunk joined = new Chunk(length);
    for (Chunk chunk = first; chunk != end && chunk != null; chunk = chunk.next) {
      System.arraycopy(chunk.bytes, chunk.from, joined.bytes, joined.to, chunk.length());
      joined.to += chunk.length();
      count--;
    }
    count++;
    joined.next = end;
    if (before == null) {
      head = joined;
    } else {
      before.next = joined;
    }
    if (end == null) {
      tail = joined;
    }
    return joined;
  }

  /** Drops everything. */
  void clear() {
    head = null;
    tail = null;
    size = 0;
    count = 0;
  }
}
