package org.veilor.seed.core.bao;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.wire.CoreLimits;

/**
 * The hash of a blob with its outboard in memory, pre-order.
 *
 * @param hash the root
 * @param sizeBytes size of the blob
 * @param pairs {@code 64 * (groups - 1)} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes for the caller, never compared
public record Outboard(Hash hash, long sizeBytes, byte[] pairs) {
  /**
   * Hashes a blob that is in memory.
   *
   * @throws IllegalArgumentException if the outboard exceeds {@link
   *     CoreLimits#MAX_OUTBOARD_IN_MEMORY_BYTES}
   */
  public static Outboard of(SubtreeEngine engine, byte[] blob) {
    byte[] pairs = allocate(blob.length);
    OutboardBuilder builder = new OutboardBuilder(engine, blob.length, into(pairs));
    try {
      builder.update(blob, 0, blob.length);
      return switch (builder.finish()) {
        case OutboardBuilder.Result.Built built -> new Outboard(built.hash(), blob.length, pairs);
        case OutboardBuilder.Result.SizeChanged changed ->
            throw new AssertionError("an array does not change its size: " + changed);
      };
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }

  /**
   * An array for the outboard of a blob of {@code sizeBytes} bytes.
   *
   * @throws IllegalArgumentException if that exceeds {@link
   *     CoreLimits#MAX_OUTBOARD_IN_MEMORY_BYTES}
   */
  public static byte[] allocate(long sizeBytes) {
    long length = new BaoTree(sizeBytes).outboardBytes();
    if (length > CoreLimits.MAX_OUTBOARD_IN_MEMORY_BYTES) {
      throw new IllegalArgumentException("an outboard of " + length + " bytes belongs in a file");
    }
    return new byte[(int) length];
  }

  /** A sink that writes to an array from {@link #allocate}. */
  public static OutboardSink into(byte[] pairs) {
    return (pairIndex, pair, offset) ->
        System.arraycopy(
            pair,
            offset,
            pairs,
            Math.toIntExact(pairIndex * BaoTree.PAIR_BYTES),
            BaoTree.PAIR_BYTES);
  }
}
