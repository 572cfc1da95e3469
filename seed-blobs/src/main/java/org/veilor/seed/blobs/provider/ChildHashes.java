package org.veilor.seed.blobs.provider;

import java.io.IOException;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.bao.BaoTree;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseEncoder;
import org.veilor.seed.core.blob.BlobReader;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * The children's hashes of a hash sequence in a store, read one chunk group at a time: 512 hashes.
 *
 * <p>Each group is verified like a group that is served, by encoding the response for it; a damaged
 * root can therefore not make a provider offer blobs that the sequence does not name. The last
 * group stays at hand, because children are asked for in order.
 */
final class ChildHashes {
  private static final long NO_GROUP = -1;

  /** The answer for one child. */
  sealed interface Child {
    /** Its hash. */
    record Known(Hash hash) implements Child {}

    /** The sequence is shorter. */
    record PastEnd() implements Child {}

    /** The answer is not to be had. */
    record Unknown(ServeFailure failure) implements Child {}
  }

  private final Hash root;
  private final BlobReader reader;
  private final byte[] group = new byte[ResponseEncoder.MAX_STEP_BYTES];
  private long loadedGroup = NO_GROUP;

  ChildHashes(Hash root, BlobReader reader) {
    this.root = root;
    this.reader = reader;
  }

  /** The hash of a child; {@code child} is unsigned. */
  Child get(long child) throws IOException {
    long size = reader.sizeBytes();
    if (size % Hash.LENGTH != 0 || size > BlobsLimits.MAX_ROOT_BYTES) {
      return new Child.Unknown(new ServeFailure.NoHashSequence(root, size));
    }
    if (Long.compareUnsigned(child, size / Hash.LENGTH) >= 0) {
      return pastEnd(new BaoTree(size));
    }
    long offset = child * Hash.LENGTH;
    long number = offset / BaoTree.GROUP_BYTES;
    if (number != loadedGroup) {
      ResponseEncoder.Step problem = load(number);
      if (problem instanceof ResponseEncoder.Step.Missing missing) {
        return new Child.Unknown(new ServeFailure.Missing(root, missing.chunk()));
      }
      if (problem instanceof ResponseEncoder.Step.Corrupt corrupt) {
        return new Child.Unknown(new ServeFailure.Corrupt(root, corrupt.chunk()));
      }
    }
    return new Child.Known(Hash.of(group, (int) (offset % BaoTree.GROUP_BYTES)));
  }

  /** Only a sequence whose last chunk is here is known to be this long. */
  private Child pastEnd(BaoTree tree) {
    long lastChunk = tree.chunks() - 1;
    boolean proven = tree.sizeBytes() == 0 || reader.presentChunks().contains(lastChunk);
    return proven
        ? new Child.PastEnd()
        : new Child.Unknown(new ServeFailure.Missing(root, lastChunk));
  }

  /** Encodes the response for one group, which ends in the group itself; yields how that ended. */
  private ResponseEncoder.Step load(long number) throws IOException {
    loadedGroup = NO_GROUP;
    long firstChunk = number * BaoTree.GROUP_CHUNKS;
    ChunkRanges ranges = ChunkRanges.range(firstChunk, firstChunk + BaoTree.GROUP_CHUNKS);
    ResponseEncoder encoder = new ResponseEncoder(SubtreeEngine.preferred(), root, reader, ranges);
    ResponseEncoder.Step step = encoder.next(group);
    while (step instanceof ResponseEncoder.Step.Bytes bytes) {
      if (bytes.payloadBytes() > 0) {
        loadedGroup = number;
        return step;
      }
      step = encoder.next(group);
    }
    return step;
  }
}
