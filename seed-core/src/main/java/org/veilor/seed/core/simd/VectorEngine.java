package org.veilor.seed.core.simd;

import static org.veilor.seed.core.simd.Lanes.COUNT;
import static org.veilor.seed.core.simd.Scratch.MESSAGE;
import static org.veilor.seed.core.simd.Scratch.MESSAGES;
import static org.veilor.seed.core.simd.Scratch.SET;
import static org.veilor.seed.core.simd.Scratch.VALUES;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.OptionalEngine;
import org.veilor.seed.core.hash.ScalarEngine;

/**
 * BLAKE3 on vector registers: as many chunks, or parents, at once as a vector has lanes.
 *
 * <p>Few groups are hashed one after the other, with a lane per chunk. As many groups as there are
 * lanes are hashed together, with a lane per group, chunk after chunk: neighbouring chunks are then
 * neighbouring sets, which already are the messages of their parents. What is too small or not
 * whole is left to the scalar engine.
 *
 * <p>Loading this class fails without module {@code jdk.incubator.vector}, hence it is only ever
 * loaded by name. Until the JIT compiler has got to it, it is far slower than the scalar engine.
 */
public final class VectorEngine implements OptionalEngine {
  private static final int CHUNK_START = 1;
  private static final int CHUNK_END = 2;
  private static final int PARENT = 4;
  private static final int ROOT = 8;
  private static final int BLOCK_BYTES = 64;
  private static final int BLOCKS = CHUNK_BYTES / BLOCK_BYTES;
  private static final int VALUE_WORDS = 8;

  /** Below this many chunks the scalar engine is as fast. */
  private static final int MIN_CHUNKS = 3;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Creates the engine. */
  public VectorEngine() {}

  @Override
  public String name() {
    return "vector-" + Lanes.INTS.vectorBitSize();
  }

  @Override
  public boolean isSupported() {
    return jdk.incubator.vector.IntVector.SPECIES_PREFERRED.vectorBitSize() >= 256;
  }

  @Override
  public Hash hash(byte[] data, int offset, int length) {
    return TreeHash.hash(this, data, offset, length);
  }

  @Override
  public void groupValues(
      byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, (long) groupCount * GROUP_BYTES, data.length);
    Objects.checkFromIndexSize(outOffset, (long) groupCount * VALUE_BYTES, out.length);
    Scratch scratch = Scratch.acquire();
    int[] w = scratch.words;
    for (int done = 0; done < groupCount; ) {
      int count = Math.min(groupCount - done, COUNT);
      int start = offset + done * GROUP_BYTES;
      long startChunk = firstChunk + (long) done * GROUP_CHUNKS;
      if (count == COUNT) {
        groupPerLane(w, data, start, startChunk);
      } else {
        chunks(w, data, start, count * GROUP_CHUNKS, startChunk);
        int nodes = count * GROUP_CHUNKS;
        while (nodes > count) {
          nodes = parentsOfNeighbours(w, nodes, PARENT);
        }
      }
      writeSet(w, count, out, outOffset + done * VALUE_BYTES);
      done += count;
    }
    scratch.release();
  }

  /** Leaves the values of as many groups as there are lanes in the first set. */
  private static void groupPerLane(int[] w, byte[] data, int offset, long firstChunk) {
    for (int i = 0; i < GROUP_CHUNKS; i++) {
      setCounters(w, firstChunk + i, GROUP_CHUNKS);
      transposeChunks(w, data, offset + i * CHUNK_BYTES, GROUP_BYTES, COUNT - 1);
      compressChunks(w, VALUES + i * SET);
    }
    for (int sets = GROUP_CHUNKS / 2; sets > 0; sets /= 2) {
      for (int i = 0; i < sets; i++) {
        int pair = VALUES + 2 * i * SET;
        Rounds.compress(w, pair, Scratch.KEY, Scratch.NO_COUNTERS, PARENT, VALUES + i * SET);
      }
    }
  }

  /** Leaves the values of {@code count} whole chunks in as many sets as it takes. */
  private static void chunks(int[] w, byte[] data, int offset, int count, long firstChunk) {
    for (int done = 0; done < count; done += COUNT) {
      int lastRow = Math.min(count - done, COUNT) - 1;
      setCounters(w, firstChunk + done, 1);
      transposeChunks(w, data, offset + done * CHUNK_BYTES, CHUNK_BYTES, lastRow);
      compressChunks(w, VALUES + done * VALUE_WORDS);
    }
  }

  private static void setCounters(int[] w, long first, int step) {
    for (int lane = 0; lane < COUNT; lane++) {
      long counter = first + (long) lane * step;
      w[Scratch.COUNTERS + lane] = (int) counter;
      w[Scratch.COUNTERS + COUNT + lane] = (int) (counter >>> 32);
    }
  }

  private static void transposeChunks(int[] w, byte[] data, int offset, int stride, int lastRow) {
    for (int block = 0; block < BLOCKS; block++) {
      int message = MESSAGES + block * MESSAGE;
      Lanes.transpose(data, offset + block * BLOCK_BYTES, stride, lastRow, w, message);
    }
  }

  private static void compressChunks(int[] w, int out) {
    int values = Scratch.KEY;
    int flags = CHUNK_START;
    for (int block = 0; block < BLOCKS - 1; block++) {
      int message = MESSAGES + block * MESSAGE;
      Rounds.compress(w, message, values, Scratch.COUNTERS, flags, out);
      values = out;
      flags = 0;
    }
    int message = MESSAGES + (BLOCKS - 1) * MESSAGE;
    Rounds.compress(w, message, out, Scratch.COUNTERS, CHUNK_END, out);
  }

  /**
   * Replaces {@code nodes} values by those of their parents; an odd one at the end moves up
   * unchanged (it is the left one of the pair that has no right one).
   *
   * @param nodes if odd, less than twice the number of lanes
   * @return the number of values that are left
   */
  private static int parentsOfNeighbours(int[] w, int nodes, int flags) {
    int parents = nodes / 2;
    for (int done = 0; done < parents; done += COUNT) {
      int left = VALUES + 2 * done * VALUE_WORDS;
      int out = VALUES + done * VALUE_WORDS;
      Lanes.pair(w, left, left + SET, MESSAGES);
      Rounds.compress(w, MESSAGES, Scratch.KEY, Scratch.NO_COUNTERS, flags, out);
    }
    if (nodes % 2 == 1) {
      for (int i = parents; i < SET; i += COUNT) {
        w[VALUES + i] = w[MESSAGES + i];
      }
    }
    return parents + nodes % 2;
  }

  @Override
  public void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, (long) count * PAIR_BYTES, pairs.length);
    Objects.checkFromIndexSize(outOffset, (long) count * VALUE_BYTES, out.length);
    Scratch scratch = Scratch.acquire();
    int[] w = scratch.words;
    for (int done = 0; done < count; done += COUNT) {
      int lanes = Math.min(count - done, COUNT);
      int start = offset + done * PAIR_BYTES;
      Lanes.transpose(pairs, start, PAIR_BYTES, lanes - 1, w, MESSAGES);
      Rounds.compress(w, MESSAGES, Scratch.KEY, Scratch.NO_COUNTERS, PARENT, VALUES);
      writeSet(w, lanes, out, outOffset + done * VALUE_BYTES);
    }
    scratch.release();
  }

  /** Writes the first values of the first set. */
  private static void writeSet(int[] w, int count, byte[] out, int outOffset) {
    for (int lane = 0; lane < count; lane++) {
      for (int word = 0; word < VALUE_WORDS; word++) {
        WORD.set(out, outOffset + lane * VALUE_BYTES + 4 * word, w[VALUES + word * COUNT + lane]);
      }
    }
  }

  @Override
  public void subtreeValue(
      byte[] data,
      int offset,
      int length,
      long firstChunk,
      boolean root,
      byte[] out,
      int outOffset) {
    int wholeChunks = length / CHUNK_BYTES;
    if (wholeChunks < MIN_CHUNKS || length > GROUP_BYTES) {
      ScalarEngine.INSTANCE.subtreeValue(data, offset, length, firstChunk, root, out, outOffset);
      return;
    }
    Objects.checkFromIndexSize(offset, length, data.length);
    Objects.checkFromIndexSize(outOffset, VALUE_BYTES, out.length);
    Scratch scratch = Scratch.acquire();
    int[] w = scratch.words;
    chunks(w, data, offset, wholeChunks, firstChunk);
    int nodes = wholeChunks;
    int tail = length % CHUNK_BYTES;
    if (tail > 0) {
      byte[] value = scratch.value;
      int tailOffset = offset + length - tail;
      ScalarEngine.INSTANCE.subtreeValue(
          data, tailOffset, tail, firstChunk + wholeChunks, false, value, 0);
      int lane = VALUES + nodes / COUNT * SET + nodes % COUNT;
      for (int word = 0; word < VALUE_WORDS; word++) {
        w[lane + word * COUNT] = (int) WORD.get(value, 4 * word);
      }
      nodes++;
    }
    while (nodes > 1) {
      nodes = parentsOfNeighbours(w, nodes, root && nodes == 2 ? PARENT | ROOT : PARENT);
    }
    writeSet(w, 1, out, outOffset);
    scratch.release();
  }

  @Override
  public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
    ScalarEngine.INSTANCE.parentValue(pair, offset, root, out, outOffset);
  }
}
