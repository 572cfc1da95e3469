package org.veilor.seed.core.simd;

import static org.veilor.seed.core.simd.Lanes.COUNT;
import static org.veilor.seed.core.simd.NativeScratch.COUNTERS;
import static org.veilor.seed.core.simd.NativeScratch.KEYS;
import static org.veilor.seed.core.simd.NativeScratch.MAX_SETS;
import static org.veilor.seed.core.simd.NativeScratch.MEMORY;
import static org.veilor.seed.core.simd.NativeScratch.MESSAGE;
import static org.veilor.seed.core.simd.NativeScratch.MESSAGES;
import static org.veilor.seed.core.simd.NativeScratch.NO_COUNTERS;
import static org.veilor.seed.core.simd.NativeScratch.ROW;
import static org.veilor.seed.core.simd.NativeScratch.SET;
import static org.veilor.seed.core.simd.NativeScratch.VALUES;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.OptionalEngine;

/**
 * BLAKE3 on vector registers, two sets of chunks or parents at a time ({@link TwoStateRounds}).
 * What is too little for that is left to the {@link VectorEngine}.
 */
public final class TwoStateEngine implements OptionalEngine {
  /**
   * For the first tier of the JIT compiler, C1, only: it inlines no vector operations into the
   * kernel. Otherwise it fails at methods of this size ("out of virtual registers"), and they stay
   * interpreted for ever. The last tier, C2, which inlines all, does not mind.
   */
  private static final String DIRECTIVES =
      """
      [{
        match: ["org/veilor/seed/core/simd/TwoState*.*"],
        c1: { inline: ["-jdk/incubator/vector/*.*"] }
      }]
      """;

  private static final int CHUNK_START = 1;
  private static final int CHUNK_END = 2;
  private static final int PARENT = 4;
  private static final int BLOCK_BYTES = 64;
  private static final int BLOCKS = CHUNK_BYTES / BLOCK_BYTES;
  private static final int VALUE_WORDS = 8;

  /** Groups that two sets of chunks are. */
  private static final int GROUPS_AT_LEAST = 2 * COUNT / GROUP_CHUNKS;

  private static final int GROUPS_AT_MOST = MAX_SETS * COUNT / GROUP_CHUNKS;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt NATIVE_WORD =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final VectorEngine oneState = new VectorEngine();

  /** Creates the engine. */
  public TwoStateEngine() {}

  @Override
  public String name() {
    return oneState.name() + "x2";
  }

  @Override
  public boolean isSupported() {
    return oneState.isSupported();
  }

  @Override
  public String compilerDirectives() {
    return DIRECTIVES;
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
    long slot = groupCount < GROUPS_AT_LEAST ? -1 : NativeScratch.acquire();
    int done = 0;
    if (slot >= 0) {
      while (groupCount - done >= GROUPS_AT_LEAST) {
        int count = Math.min(groupCount - done, GROUPS_AT_MOST) / GROUPS_AT_LEAST * GROUPS_AT_LEAST;
        int start = offset + done * GROUP_BYTES;
        long chunk = firstChunk + (long) done * GROUP_CHUNKS;
        if (count == COUNT) {
          groupPerLane(slot, data, start, chunk);
        } else {
          chunkPerLane(slot, data, start, count, chunk);
        }
        writeValues(slot, count, out, outOffset + done * VALUE_BYTES);
        done += count;
      }
      NativeScratch.release(slot);
    }
    if (done < groupCount) {
      long chunk = firstChunk + (long) done * GROUP_CHUNKS;
      int start = offset + done * GROUP_BYTES;
      int outStart = outOffset + done * VALUE_BYTES;
      oneState.groupValues(data, start, groupCount - done, chunk, out, outStart);
    }
  }

  /** Leaves the values of as many groups as there are lanes in the first set. */
  private static void groupPerLane(long slot, byte[] data, int offset, long firstChunk) {
    for (int i = 0; i < GROUP_CHUNKS; i += 2) {
      setCounters(slot + COUNTERS, firstChunk + i, GROUP_CHUNKS);
      setCounters(slot + COUNTERS + 2L * ROW, firstChunk + i + 1, GROUP_CHUNKS);
      transposeChunks(slot, data, offset + i * CHUNK_BYTES, CHUNK_BYTES, GROUP_BYTES);
      compressChunks(slot, slot + VALUES + (long) i * SET);
    }
    for (int sets = GROUP_CHUNKS / 2; sets > 0; sets /= 2) {
      compressParents(slot, slot + VALUES, sets);
    }
  }

  /**
   * Leaves the values of {@code count} groups, so many that two sets are full, in the first set.
   */
  private static void chunkPerLane(long slot, byte[] data, int offset, int count, long firstChunk) {
    int chunks = count * GROUP_CHUNKS;
    for (int done = 0; done < chunks; done += 2 * COUNT) {
      setCounters(slot + COUNTERS, firstChunk + done, 1);
      setCounters(slot + COUNTERS + 2L * ROW, firstChunk + done + COUNT, 1);
      transposeChunks(slot, data, offset + done * CHUNK_BYTES, COUNT * CHUNK_BYTES, CHUNK_BYTES);
      compressChunks(slot, slot + VALUES + (long) done * VALUE_BYTES);
    }
    for (int parents = chunks / 2; parents >= count; parents /= 2) {
      int sets = (parents + COUNT - 1) / COUNT;
      for (int i = 0; i < sets; i++) {
        TwoStateLanes.pair(slot + VALUES + 2L * i * SET, slot + MESSAGES + (long) i * MESSAGE);
      }
      compressParents(slot, slot + MESSAGES, sets);
    }
  }

  private static void setCounters(long position, long first, int step) {
    for (int lane = 0; lane < COUNT; lane++) {
      long counter = first + (long) lane * step;
      MEMORY.set(NATIVE_WORD, position + 4L * lane, (int) counter);
      MEMORY.set(NATIVE_WORD, position + ROW + 4L * lane, (int) (counter >>> 32));
    }
  }

  private static void transposeChunks(
      long slot, byte[] data, int offset, int toSecond, int stride) {
    for (int block = 0; block < 2 * BLOCKS; block++) {
      int second = block / BLOCKS;
      int inChunk = block % BLOCKS;
      int position = offset + second * toSecond + inChunk * BLOCK_BYTES;
      long message = NativeScratch.message(slot, inChunk) + second * (long) MESSAGE;
      TwoStateLanes.transpose(data, position, stride, message);
    }
  }

  private static void compressChunks(long slot, long out) {
    long counters = slot + COUNTERS;
    long values = KEYS;
    for (int block = 0; block < BLOCKS; block++) {
      int flags = block == 0 ? CHUNK_START : block == BLOCKS - 1 ? CHUNK_END : 0;
      long message = NativeScratch.message(slot, block);
      TwoStateRounds.compress(message, values, counters, flags, out);
      values = out;
    }
  }

  /** Replaces the first sets by the values of the parents with so many messages. */
  private static void compressParents(long slot, long messages, int count) {
    for (int i = 0; i < count; i += 2) {
      long message = messages + (long) i * MESSAGE;
      long out = slot + VALUES + (long) i * SET;
      TwoStateRounds.compress(message, KEYS, NO_COUNTERS, PARENT, out);
    }
  }

  /** Writes the first values of the first set. */
  private static void writeValues(long slot, int count, byte[] out, int outOffset) {
    for (int lane = 0; lane < count; lane++) {
      for (int word = 0; word < VALUE_WORDS; word++) {
        int value = MEMORY.get(NATIVE_WORD, slot + VALUES + (long) word * ROW + 4L * lane);
        WORD.set(out, outOffset + lane * VALUE_BYTES + 4 * word, value);
      }
    }
  }

  @Override
  public void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset) {
    oneState.parentValues(pairs, offset, count, out, outOffset);
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
    oneState.subtreeValue(data, offset, length, firstChunk, root, out, outOffset);
  }

  @Override
  public void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset) {
    oneState.parentValue(pair, offset, root, out, outOffset);
  }
}
