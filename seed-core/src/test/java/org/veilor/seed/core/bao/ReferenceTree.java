package org.veilor.seed.core.bao;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * The recursive definition of a response, as short as the specification: a bit per chunk, the whole
 * blob in memory, every value computed anew. The lazy code is compared with it.
 */
final class ReferenceTree {
  private final byte[] blob;
  private final int chunks;

  ReferenceTree(byte[] blob) {
    this.blob = blob;
    this.chunks = Math.max(1, (blob.length + 1023) / 1024);
  }

  boolean[] selection(ChunkRanges ranges) {
    boolean[] selected = new boolean[chunks];
    for (int chunk = 0; chunk < chunks; chunk++) {
      selected[chunk] = ranges.contains(chunk);
    }
    for (int i = 0; i < ranges.boundaryCount(); i++) {
      boolean open = i + 1 == ranges.boundaryCount();
      boolean reachesBeyond = open || Long.compareUnsigned(ranges.boundary(i + 1), chunks) > 0;
      if (i % 2 == 0 && reachesBeyond) {
        selected[chunks - 1] = true;
      }
    }
    return selected;
  }

  byte[] response(ChunkRanges ranges) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(blob.length).array());
    emit(0, chunks, selection(ranges), out);
    return out.toByteArray();
  }

  private void emit(int start, int end, boolean[] selected, ByteArrayOutputStream out) {
    int count = 0;
    for (int chunk = start; chunk < end; chunk++) {
      count += selected[chunk] ? 1 : 0;
    }
    if (count == 0) {
      return;
    }
    if (end - start == 1 || (count == end - start && count <= 16)) {
      out.write(blob, start * 1024, Math.min(blob.length, end * 1024) - start * 1024);
      return;
    }
    int middle = start + Integer.highestOneBit(end - start - 1);
    out.writeBytes(value(start, middle));
    out.writeBytes(value(middle, end));
    emit(start, middle, selected, out);
    emit(middle, end, selected, out);
  }

  /** The chaining value of a node, never of the root. */
  private byte[] value(int start, int end) {
    byte[] value = new byte[32];
    if (end - start == 1) {
      int offset = start * 1024;
      int length = Math.min(1024, blob.length - offset);
      SubtreeEngine.preferred().subtreeValue(blob, offset, length, start, false, value, 0);
      return value;
    }
    int middle = start + Integer.highestOneBit(end - start - 1);
    byte[] pair = new byte[64];
    System.arraycopy(value(start, middle), 0, pair, 0, 32);
    System.arraycopy(value(middle, end), 0, pair, 32, 32);
    SubtreeEngine.preferred().parentValue(pair, 0, false, value, 0);
    return value;
  }

  /** The pairs of all nodes of more than 16 chunks, in pre-order. */
  byte[] outboard() {
    List<byte[]> pairs = new ArrayList<>();
    collect(0, chunks, pairs);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pairs.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private void collect(int start, int end, List<byte[]> pairs) {
    if (end - start <= 16) {
      return;
    }
    int middle = start + Integer.highestOneBit(end - start - 1);
    byte[] pair = new byte[64];
    System.arraycopy(value(start, middle), 0, pair, 0, 32);
    System.arraycopy(value(middle, end), 0, pair, 32, 32);
    pairs.add(pair);
    collect(start, middle, pairs);
    collect(middle, end, pairs);
  }
}
