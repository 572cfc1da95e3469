package org.veilor.seed.core.hash;

/**
 * An engine that yields the chaining values of inner nodes of the BLAKE3 tree: the seam behind
 * which a vectorised implementation can replace the scalar one.
 *
 * <p>A <em>chunk</em> is 1024 bytes, a <em>chunk group</em> 16 chunks. The chaining value of a node
 * is 32 bytes; it depends on the absolute number of the node's first chunk in the blob, and on
 * whether the node is the root (BLAKE3 paper, section 2.1). Engines are immutable and may be used
 * by many threads.
 */
public sealed interface SubtreeEngine extends Blake3Engine
    permits ScalarEngine, OptionalEngine, SwitchingEngine {
  /** Bytes of a chaining value. */
  int VALUE_BYTES = 32;

  /** Bytes of a pair: left chaining value, then right chaining value. */
  int PAIR_BYTES = 64;

  /** Bytes of a chunk. */
  int CHUNK_BYTES = 1024;

  /** Chunks of a chunk group, iroh's block size of 2^4 chunks. */
  int GROUP_CHUNKS = 16;

  /** Bytes of a whole chunk group. */
  int GROUP_BYTES = GROUP_CHUNKS * CHUNK_BYTES;

  /**
   * The chaining values, none of them a root, of {@code groupCount} whole chunk groups that lie one
   * behind the other.
   *
   * @param data holds the groups from {@code offset}
   * @param firstChunk number in the blob of the first chunk
   * @param out receives {@code 32 * groupCount} bytes from {@code outOffset}
   */
  void groupValues(
      byte[] data, int offset, int groupCount, long firstChunk, byte[] out, int outOffset);

  /**
   * The chaining values, none of them a root, of {@code count} parents whose pairs lie one behind
   * the other.
   *
   * @param pairs holds {@code 64 * count} bytes from {@code offset}
   * @param out receives {@code 32 * count} bytes from {@code outOffset}; may be {@code pairs}
   *     itself, from the same offset
   */
  void parentValues(byte[] pairs, int offset, int count, byte[] out, int outOffset);

  /**
   * The chaining value of the smallest subtree that holds the given bytes: at most one chunk group.
   *
   * @param length 0 to {@link #GROUP_BYTES}; 0 only for the empty blob
   * @param firstChunk number in the blob of the first chunk
   * @param root whether these bytes are the whole blob
   */
  void subtreeValue(
      byte[] data,
      int offset,
      int length,
      long firstChunk,
      boolean root,
      byte[] out,
      int outOffset);

  /** The chaining value of the parent with the pair at {@code offset}. */
  void parentValue(byte[] pair, int offset, boolean root, byte[] out, int outOffset);

  /**
   * The engine of choice on this machine: always the same object. It is a {@link SwitchingEngine},
   * scalar until someone {@linkplain SwitchingEngine#warmUp warms it up}, if the Java runtime was
   * started with {@code --add-modules jdk.incubator.vector}; else it is the scalar one.
   */
  static SubtreeEngine preferred() {
    return SwitchingEngine.PREFERRED;
  }
}
