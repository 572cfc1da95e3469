package org.veilor.seed.node.gateway;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseEncoder;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Some bytes of a blob, each verified against its hash before it leaves: the encoder that peers are
 * served with does it, and only its leaves are taken.
 */
final class VerifiedBytes implements ByteSource {
  private final BlobReader blob;
  private final Hash hash;
  private final ByteRange range;
  private final byte[] step = new byte[ResponseEncoder.MAX_STEP_BYTES];
  private @Nullable ResponseEncoder encoder;
  private long position;
  private int from;
  private int until;

  /**
   * Starts at the first byte.
   *
   * @param blob stays the caller's
   * @param range not empty, inside the blob
   */
  VerifiedBytes(BlobReader blob, Hash hash, ByteRange range) {
    this.blob = blob;
    this.hash = hash;
    this.range = range;
    position = range.first() / BaoTree.CHUNK_BYTES * BaoTree.CHUNK_BYTES;
  }

  @Override
  public int readNow(byte[] target, int offset, int length) throws IOException {
    while (from == until) {
      if (position >= range.until() || !nextLeaf()) {
        return -1;
      }
    }
    int count = Math.min(length, until - from);
    System.arraycopy(step, from, target, offset, count);
    from += count;
    return count;
  }

  /** Brings the next leaf, cut to the range; false at the end. */
  private boolean nextLeaf() throws IOException {
    ResponseEncoder active = encoder;
    if (active == null) {
      ChunkRanges chunks = ChunkRanges.ofBytes(range.first(), range.until());
      active = new ResponseEncoder(SubtreeEngine.preferred(), hash, blob, chunks);
      encoder = active;
    }
    switch (active.next(step)) {
      case ResponseEncoder.Step.Bytes(int _, int payload) -> {
        from = (int) Math.min(payload, Math.max(0, range.first() - position));
        until = (int) Math.min(payload, Math.max(0, range.until() - position));
        position += payload;
        return true;
      }
      case ResponseEncoder.Step.Done() -> {
        return false;
      }
      case ResponseEncoder.Step.Missing(long chunk) ->
          throw new IOException("chunk " + chunk + " of " + hash.shortText() + " is not here");
      case ResponseEncoder.Step.Corrupt(long chunk) ->
          throw new IOException(
              hash.shortText() + " does not hash to its name from chunk " + chunk + " on");
    }
  }

  @Override
  public void onReadable(Runnable callback) {
    callback.run();
  }

  @Override
  public void close() {}
}
