package org.veilor.seed.node.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.veilor.seed.core.hash.Blake3Hasher;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ReferenceEngine;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * BLAKE3 of files, large ones with many threads: a file is cut into segments of 16 MiB, each a
 * complete subtree of the BLAKE3 tree but the last, whose chaining values are computed
 * independently and then combined (BLAKE3 paper, section 5.1).
 */
final class FileHash {
  /** A complete subtree of 2¹⁴ chunks. */
  static final int SEGMENT_BYTES = 16 << 20;

  /** The reference engine needs the whole file in memory. */
  static final long MAX_REFERENCE_BYTES = 1L << 30;

  private static final int VALUE = SubtreeEngine.VALUE_BYTES;
  private static final int GROUP = SubtreeEngine.GROUP_BYTES;
  private static final int BUFFER_BYTES = 1 << 20;

  private FileHash() {}

  /** Hashes a stream until its end. */
  static Hash stream(InputStream in, LongConsumer progress) throws IOException {
    Blake3Hasher hasher = Blake3Hasher.unkeyed();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      hasher.update(buffer, 0, count);
      progress.accept(count);
    }
    return hasher.finish();
  }

  /** Hashes a file with the reference engine. */
  static Hash reference(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > MAX_REFERENCE_BYTES) {
        throw new IOException(
            file + " is larger than the 1 GiB that the reference engine takes; use 'auto'");
      }
      byte[] data = new byte[(int) channel.size()];
      readFully(channel, 0, data, data.length, file);
      return ReferenceEngine.INSTANCE.hash(data, 0, data.length);
    }
  }

  /**
   * Hashes a file with the threads of a pool; small ones and what is no regular file as a stream.
   */
  static Hash file(Path file, ExecutorService pool, LongConsumer progress) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size <= SEGMENT_BYTES) {
        return stream(java.nio.channels.Channels.newInputStream(channel), progress);
      }
      List<Future<byte[]>> values = new ArrayList<>();
      for (long start = 0; start < size; start += SEGMENT_BYTES) {
        long from = start;
        int length = (int) Math.min(SEGMENT_BYTES, size - start);
        values.add(
            pool.submit(() -> {
              byte[] value = segment(channel, from, length, file);
              progress.accept(length);
              return value;
            }));
      }
      List<byte[]> joined = new ArrayList<>();
      for (Future<byte[]> value : values) {
        joined.add(join(value, file));
      }
      return Hash.of(combine(joined, 0, joined.size(), true));
    }
  }

  private static byte[] join(Future<byte[]> value, Path file) throws IOException {
    try {
      return value.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(file + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(file + ": interrupted", e);
    }
  }

  private static byte[] segment(FileChannel channel, long start, int length, Path file)
      throws IOException {
    byte[] data = new byte[length];
    readFully(channel, start, data, length, file);
    SubtreeEngine engine = SubtreeEngine.preferred();
    int whole = length / GROUP;
    int rest = length % GROUP;
    byte[] values = new byte[(whole + 1) * VALUE];
    long firstChunk = start / SubtreeEngine.CHUNK_BYTES;
    engine.groupValues(data, 0, whole, firstChunk, values, 0);
    if (rest > 0) {
      long chunk = firstChunk + (long) whole * SubtreeEngine.GROUP_CHUNKS;
      engine.subtreeValue(data, whole * GROUP, rest, chunk, false, values, whole * VALUE);
    }
    List<byte[]> groups = new ArrayList<>();
    for (int i = 0; i < whole + (rest > 0 ? 1 : 0); i++) {
      groups.add(java.util.Arrays.copyOfRange(values, i * VALUE, (i + 1) * VALUE));
    }
    return combine(groups, 0, groups.size(), false);
  }

  /** The value of the subtree over some values: the left side is the largest power of two below. */
  private static byte[] combine(List<byte[]> values, int from, int to, boolean root) {
    if (to - from == 1) {
      return values.get(from);
    }
    int middle = from + Integer.highestOneBit(to - from - 1);
    byte[] pair = new byte[SubtreeEngine.PAIR_BYTES];
    System.arraycopy(combine(values, from, middle, false), 0, pair, 0, VALUE);
    System.arraycopy(combine(values, middle, to, false), 0, pair, VALUE, VALUE);
    byte[] out = new byte[VALUE];
    SubtreeEngine.preferred().parentValue(pair, 0, root, out, 0);
    return out;
  }

  private static void readFully(
      FileChannel channel, long position, byte[] target, int length, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(target, 0, length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException(file + " became shorter while it was read");
      }
    }
  }
}
