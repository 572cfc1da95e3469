package org.veilor.seed.node.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.ReferenceEngine;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * BLAKE3 of files, large ones with many threads: a file is cut into segments of 16 MiB, each a
 * complete subtree of the BLAKE3 tree but the last, whose chaining values are computed
 * independently and then combined (BLAKE3 paper, section 5.1). A thread holds one piece of a
 * segment, so that many of them fit into a small heap.
 */
final class FileHash {
  /** A complete subtree of 2¹⁴ chunks. */
  static final int SEGMENT_BYTES = 16 << 20;

  private static final int VALUE = SubtreeEngine.VALUE_BYTES;
  private static final int GROUP = SubtreeEngine.GROUP_BYTES;

  /** What is read at once: as many chunk groups as the widest vectors hash together. */
  private static final int PIECE_BYTES = 16 * GROUP;

  private final SubtreeEngine engine;
  private final ExecutorService pool;
  private final LongConsumer progress;

  /**
   * Creates it.
   *
   * @param progress is told the bytes of each piece, on any thread
   */
  FileHash(SubtreeEngine engine, ExecutorService pool, LongConsumer progress) {
    this.engine = engine;
    this.pool = pool;
    this.progress = progress;
  }

  /** Hashes a stream with the reference engine. */
  static Hash reference(InputStream in, LongConsumer progress) throws IOException {
    ReferenceEngine.Incremental bytes = new ReferenceEngine.Incremental();
    byte[] piece = new byte[PIECE_BYTES];
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      bytes.update(piece, 0, count);
      progress.accept(count);
    }
    return bytes.finish();
  }

  /** Hashes a stream until its end. */
  Hash stream(InputStream in) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    int length = in.readNBytes(piece, 0, PIECE_BYTES);
    progress.accept(length);
    if (length < PIECE_BYTES) {
      return engine.hash(piece, 0, length);
    }
    List<byte[]> segments = new ArrayList<>();
    List<byte[]> groups = new ArrayList<>();
    long start = 0;
    while (length > 0) {
      if (groups.size() == SEGMENT_BYTES / GROUP) {
        segments.add(combine(groups, 0, groups.size(), false));
        groups.clear();
      }
      addGroupValues(piece, length, start, groups);
      start += length;
      length = in.readNBytes(piece, 0, PIECE_BYTES);
      progress.accept(length);
    }
    boolean isOne = segments.isEmpty();
    segments.add(combine(groups, 0, groups.size(), isOne));
    return Hash.of(isOne ? segments.getFirst() : combine(segments, 0, segments.size(), true));
  }

  /**
   * Hashes a file with the threads of the pool; small ones and what is no regular file as a stream.
   */
  Hash file(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size <= SEGMENT_BYTES) {
        return stream(java.nio.channels.Channels.newInputStream(channel));
      }
      List<Future<byte[]>> values = new ArrayList<>();
      for (long start = 0; start < size; start += SEGMENT_BYTES) {
        long from = start;
        int length = (int) Math.min(SEGMENT_BYTES, size - start);
        values.add(pool.submit(() -> segment(channel, from, length, file)));
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

  private byte[] segment(FileChannel channel, long start, int length, Path file)
      throws IOException {
    byte[] piece = new byte[Math.min(length, PIECE_BYTES)];
    List<byte[]> groups = new ArrayList<>();
    for (int done = 0; done < length; done += PIECE_BYTES) {
      int count = Math.min(PIECE_BYTES, length - done);
      readFully(channel, start + done, piece, count, file);
      addGroupValues(piece, count, start + done, groups);
      progress.accept(count);
    }
    return combine(groups, 0, groups.size(), false);
  }

  /** The values of chunk groups that begin at {@code start} of a blob of more than one group. */
  private void addGroupValues(byte[] data, int length, long start, List<byte[]> groups) {
    int whole = length / GROUP;
    int rest = length % GROUP;
    byte[] values = new byte[(whole + 1) * VALUE];
    long firstChunk = start / SubtreeEngine.CHUNK_BYTES;
    engine.groupValues(data, 0, whole, firstChunk, values, 0);
    if (rest > 0) {
      long chunk = firstChunk + (long) whole * SubtreeEngine.GROUP_CHUNKS;
      engine.subtreeValue(data, whole * GROUP, rest, chunk, false, values, whole * VALUE);
    }
    for (int i = 0; i < whole + (rest > 0 ? 1 : 0); i++) {
      groups.add(Arrays.copyOfRange(values, i * VALUE, (i + 1) * VALUE));
    }
  }

  /** The value of the subtree over some values: the left side is the largest power of two below. */
  private byte[] combine(List<byte[]> values, int from, int to, boolean root) {
    if (to - from == 1) {
      return values.get(from);
    }
    int middle = from + Integer.highestOneBit(to - from - 1);
    byte[] pair = new byte[SubtreeEngine.PAIR_BYTES];
    System.arraycopy(combine(values, from, middle, false), 0, pair, 0, VALUE);
    System.arraycopy(combine(values, middle, to, false), 0, pair, VALUE, VALUE);
    byte[] out = new byte[VALUE];
    engine.parentValue(pair, 0, root, out, 0);
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
