package org.veilor.seed.store.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
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
 * segment, which stays in its cache between reading and hashing.
 */
public final class FileHash {
  /** A complete subtree of 2¹⁴ chunks. */
  public static final int SEGMENT_BYTES = 16 << 20;

  private static final int VALUE = SubtreeEngine.VALUE_BYTES;
  private static final int GROUP = SubtreeEngine.GROUP_BYTES;

  /** What is read at once: as many chunk groups as the widest vectors hash together. */
  private static final int PIECE_BYTES = 16 * GROUP;

  private static final int IDLE_PIECES = 64;

  private final SubtreeEngine engine;
  private final ExecutorService pool;
  private final LongConsumer progress;
  private final BlockingQueue<byte[]> idlePieces = new ArrayBlockingQueue<>(IDLE_PIECES);

  /**
   * Creates it.
   *
   * @param progress is told the bytes of each piece, on any thread
   */
  public FileHash(SubtreeEngine engine, ExecutorService pool, LongConsumer progress) {
    this.engine = engine;
    this.pool = pool;
    this.progress = progress;
  }

  /** Hashes a stream with the reference engine. */
  public static Hash reference(InputStream in, LongConsumer progress) throws IOException {
    ReferenceEngine.Incremental bytes = new ReferenceEngine.Incremental();
    byte[] piece = new byte[PIECE_BYTES];
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      bytes.update(piece, 0, count);
      progress.accept(count);
    }
    return bytes.finish();
  }

  /** Hashes a stream until its end. */
  public Hash stream(InputStream in) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    int length = in.readNBytes(piece, 0, PIECE_BYTES);
    progress.accept(length);
    if (length < PIECE_BYTES) {
      return engine.hash(piece, 0, length);
    }
    List<byte[]> segments = new ArrayList<>();
    byte[] values = new byte[SEGMENT_BYTES / GROUP * VALUE];
    int nodes = 0;
    long start = 0;
    while (length > 0) {
      if (nodes * VALUE == values.length) {
        segments.add(reduce(values, nodes, false));
        nodes = 0;
      }
      nodes += groupValues(piece, length, start, values, nodes);
      start += length;
      length = in.readNBytes(piece, 0, PIECE_BYTES);
      progress.accept(length);
    }
    boolean isOne = segments.isEmpty();
    segments.add(reduce(values, nodes, isOne));
    return Hash.of(isOne ? segments.getFirst() : reduce(segments));
  }

  /**
   * Hashes a file with the threads of the pool; small ones and what is no regular file as a stream.
   */
  public Hash file(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size <= SEGMENT_BYTES) {
        return stream(Channels.newInputStream(channel));
      }
      List<Future<byte[]>> values = new ArrayList<>();
      for (long start = 0; start < size; start += SEGMENT_BYTES) {
        long from = start;
        int length = (int) Math.min(SEGMENT_BYTES, size - start);
        values.add(pool.submit(() -> segment(channel, from, length)));
      }
      List<byte[]> joined = new ArrayList<>();
      for (Future<byte[]> value : values) {
        joined.add(join(value, file));
      }
      return Hash.of(reduce(joined));
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

  private byte[] segment(FileChannel channel, long start, int length) throws IOException {
    byte[] idle = idlePieces.poll();
    byte[] piece = idle == null ? new byte[PIECE_BYTES] : idle;
    byte[] values = new byte[(length + GROUP - 1) / GROUP * VALUE];
    int nodes = 0;
    for (int done = 0; done < length; done += PIECE_BYTES) {
      int count = Math.min(PIECE_BYTES, length - done);
      readFully(channel, start + done, piece, count);
      nodes += groupValues(piece, count, start + done, values, nodes);
      progress.accept(count);
    }
    boolean kept = idlePieces.offer(piece);
    assert kept || idlePieces.remainingCapacity() == 0 || idle == null;
    return reduce(values, nodes, false);
  }

  /**
   * Writes the values of chunk groups that begin at {@code start} of a blob of more than one group.
   *
   * @return how many they are
   */
  private int groupValues(byte[] data, int length, long start, byte[] values, int nodes) {
    int whole = length / GROUP;
    int rest = length % GROUP;
    long firstChunk = start / SubtreeEngine.CHUNK_BYTES;
    engine.groupValues(data, 0, whole, firstChunk, values, nodes * VALUE);
    if (rest == 0) {
      return whole;
    }
    long chunk = firstChunk + (long) whole * SubtreeEngine.GROUP_CHUNKS;
    engine.subtreeValue(data, whole * GROUP, rest, chunk, false, values, (nodes + whole) * VALUE);
    return whole + 1;
  }

  private byte[] reduce(List<byte[]> segments) {
    byte[] values = new byte[segments.size() * VALUE];
    for (int i = 0; i < segments.size(); i++) {
      System.arraycopy(segments.get(i), 0, values, i * VALUE, VALUE);
    }
    return reduce(values, segments.size(), true);
  }

  /**
   * The value over some neighbours of equal size but the last. An odd one moves up unchanged, which
   * gives the tree whose left sides are the largest powers of two.
   */
  private byte[] reduce(byte[] values, int count, boolean root) {
    int nodes = count;
    while (nodes > 2) {
      engine.parentValues(values, 0, nodes / 2, values, 0);
      if (nodes % 2 == 1) {
        System.arraycopy(values, (nodes - 1) * VALUE, values, nodes / 2 * VALUE, VALUE);
      }
      nodes = (nodes + 1) / 2;
    }
    if (nodes == 2) {
      engine.parentValue(values, 0, root, values, 0);
    }
    return Arrays.copyOf(values, VALUE);
  }

  private static void readFully(FileChannel channel, long position, byte[] target, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(target, 0, length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
  }
}
