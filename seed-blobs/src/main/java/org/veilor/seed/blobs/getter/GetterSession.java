package org.veilor.seed.blobs.getter;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.core.bao.ResponseDecoder;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;
import org.veilor.seed.core.wire.MalformedException;

/**
 * Reads the response to one Get or GetMany and yields nothing that is not verified.
 *
 * <p>It is deliberately small: one stream, one provider, no resuming, no timeouts, no storage. If
 * children are requested, the root has to be requested completely or to be known; its bytes are
 * kept in memory up to {@link BlobsLimits#MAX_ROOT_BYTES}. One thread may use a session at a time.
 */
public final class GetterSession {
  private final ChunkRangesSequence ranges;
  private final Hash rootHash;
  private final @Nullable List<Hash> hashes;
  private final long maxBlobBytes;
  private @Nullable HashSequence root;
  private final ByteArrayOutputStream rootBytes = new ByteArrayOutputStream();
  private OptionalLong nextIndex = OptionalLong.of(0);
  private long index;
  private Hash hash;
  private long claimedSizeBytes;
  private @Nullable ResponseDecoder decoder;
  private @Nullable GetterEvent end;
  private int consumed;

  /**
   * A session for a Get.
   *
   * @param knownRoot the hash sequence if it is known already
   * @param maxBlobBytes largest blob that is accepted
   * @throws IllegalArgumentException if children are requested of a root that is neither known nor
   *     requested completely
   */
  public GetterSession(Request.Get get, @Nullable HashSequence knownRoot, long maxBlobBytes) {
    if (knownRoot == null && !get.ranges().isSingleBlob() && !get.ranges().at(0).isAll()) {
      throw new IllegalArgumentException("children of an unknown root");
    }
    this.ranges = get.ranges();
    this.rootHash = get.hash();
    this.hash = get.hash();
    this.hashes = null;
    this.root = knownRoot;
    this.maxBlobBytes = maxBlobBytes;
  }

  /** A session for a GetMany. */
  public GetterSession(Request.GetMany many, long maxBlobBytes) {
    this.ranges = many.ranges();
    this.rootHash = Hash.EMPTY_BLOB;
    this.hash = Hash.EMPTY_BLOB;
    this.hashes = many.hashes();
    this.maxBlobBytes = maxBlobBytes;
  }

  /** Bytes that the last {@link #next} took. */
  public int consumed() {
    return consumed;
  }

  /**
   * Takes bytes up to the next event. Call it again with the rest until it needs more or is over.
   */
  public GetterEvent next(byte[] data, int offset, int length) {
    consumed = 0;
    if (end == null && decoder == null) {
      end = startBlob();
    }
    return end != null ? end : read(Objects.requireNonNull(decoder), data, offset, length);
  }

  /** Says what the end of the stream means, if it comes now. */
  public GetterEvent endOfStream() {
    if (end == null && decoder == null) {
      end = startBlob();
    }
    if (end == null && decoder != null) {
      end =
          switch (decoder.endOfStream()) {
            case ResponseDecoder.Event.Failed failed -> new GetterEvent.Failed(index, hash, failed);
            default -> {
              blobDone(decoder);
              yield endOfStream();
            }
          };
    }
    return Objects.requireNonNull(end);
  }

  /** Turns to the next requested blob; an event if there is none. */
  private @Nullable GetterEvent startBlob() {
    OptionalLong found =
        nextIndex.isPresent() ? ranges.nextNonEmpty(nextIndex.getAsLong()) : nextIndex;
    if (found.isEmpty()) {
      return new GetterEvent.Complete();
    }
    index = found.getAsLong();
    nextIndex = index == -1L ? OptionalLong.empty() : OptionalLong.of(index + 1);
    Hash next = hashOf(index);
    if (next == null) {
      return new GetterEvent.Complete();
    }
    hash = next;
    decoder = new ResponseDecoder(SubtreeEngine.preferred(), hash, ranges.at(index), maxBlobBytes);
    return null;
  }

  private @Nullable Hash hashOf(long item) {
    if (hashes != null) {
      return Long.compareUnsigned(item, hashes.size()) < 0 ? hashes.get((int) item) : null;
    }
    if (item == 0) {
      return rootHash;
    }
    HashSequence sequence = Objects.requireNonNull(root);
    return Long.compareUnsigned(item - 1, sequence.size()) < 0
        ? sequence.get((int) (item - 1))
        : null;
  }

  private GetterEvent read(ResponseDecoder current, byte[] data, int offset, int length) {
    ResponseDecoder.Event event = current.next(data, offset, length);
    consumed = current.consumed();
    return switch (event) {
      case ResponseDecoder.Event.NeedMore _ -> new GetterEvent.NeedMore();
      case ResponseDecoder.Event.Header header -> header(header.claimedSizeBytes());
      case ResponseDecoder.Event.Pair pair ->
          new GetterEvent.Pair(index, pair.parent(), pair.buffer());
      case ResponseDecoder.Event.Data leaf -> {
        keepRootBytes(leaf);
        yield new GetterEvent.Data(index, leaf.leaf(), leaf.buffer());
      }
      case ResponseDecoder.Event.Complete _ -> blobDone(current);
      case ResponseDecoder.Event.Failed failed ->
          ended(new GetterEvent.Failed(index, hash, failed));
    };
  }

  private GetterEvent header(long claimed) {
    claimedSizeBytes = claimed;
    return isNewRoot() && claimed > BlobsLimits.MAX_ROOT_BYTES
        ? ended(new GetterEvent.NoHashSequence(hash))
        : new GetterEvent.BlobStarted(index, hash, claimed);
  }

  private GetterEvent ended(GetterEvent event) {
    end = event;
    return event;
  }

  /** Whether the blob at hand is the root of a sequence that is still unknown. */
  private boolean isNewRoot() {
    return hashes == null && index == 0 && root == null && !ranges.isSingleBlob();
  }

  /** Leaves of a complete response come in order, so that the bytes grow as they are verified. */
  private void keepRootBytes(ResponseDecoder.Event.Data data) {
    if (isNewRoot()) {
      rootBytes.write(data.buffer(), 0, data.leaf().lengthBytes());
    }
  }

  private GetterEvent blobDone(ResponseDecoder current) {
    decoder = null;
    if (isNewRoot()) {
      try {
        root = HashSequence.ofBytes(rootBytes.toByteArray());
      } catch (MalformedException e) {
        return ended(new GetterEvent.NoHashSequence(hash));
      }
    }
    return new GetterEvent.BlobDone(index, hash, claimedSizeBytes, current.isSizeProven());
  }
}
