package org.veilor.seed.blobs.getter;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.blobs.protocol.ChunkRangesSequence;
import org.veilor.seed.blobs.protocol.Request;
import org.veilor.seed.core.bao.ChunkRanges;
import org.veilor.seed.core.bao.ResponseDecoder;
import org.veilor.seed.core.bao.ResponseDecoder.Failure;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.hash.SubtreeEngine;

/**
 * Reads the response to one Get or GetMany and yields nothing that is not verified.
 *
 * <p>It is deliberately small: one stream, one provider, no timeouts, no storage. Resuming is a
 * matter of what is requested ({@link MissingRanges}). If children are requested, the root has to
 * be known, or what lacks of it has to be requested; its bytes are kept in memory up to the {@link
 * GetterLimits}. One thread may use a session at a time.
 *
 * <p>{@link GetterEvent.Complete} comes with the last byte that is expected, not with the end of
 * the stream: providers that forget it exist. What comes behind that byte does not matter any more,
 * be it more bytes, a reset or the loss of the connection.
 */
public final class GetterSession {
  private final ChunkRangesSequence ranges;
  private final Hash rootHash;
  private final @Nullable List<Hash> hashes;
  private final GetterLimits limits;
  private @Nullable HashSequence root;

  /** The root while it is unknown and children are requested; null otherwise. */
  private @Nullable RootProgress comingRoot;

  private OptionalLong nextIndex = OptionalLong.of(0);
  private long index;
  private Hash hash;
  private @Nullable ResponseDecoder decoder;
  private boolean inBlob;
  private @Nullable GetterEvent firstMissing;
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
    this(get, knownRoot, GetterLimits.ofBlobs(maxBlobBytes));
  }

  /**
   * A session for a Get.
   *
   * @param knownRoot the hash sequence if it is known already
   * @throws IllegalArgumentException if children are requested of a root that is neither known nor
   *     requested completely
   */
  public GetterSession(Request.Get get, @Nullable HashSequence knownRoot, GetterLimits limits) {
    this(get, knownRoot, new RootProgress(get.hash()), limits);
  }

  /**
   * A session for a Get that goes on with a root of which a part is here.
   *
   * @param rootBytes up to the end of what is present at least; copied
   * @param rootPresent the chunks of the root that are present, open-ended if the last is
   * @throws IllegalArgumentException if children are requested and the root would stay incomplete
   */
  public GetterSession(
      Request.Get get, byte[] rootBytes, ChunkRanges rootPresent, GetterLimits limits) {
    this(get, null, new RootProgress(get.hash(), rootBytes, rootPresent), limits);
  }

  private GetterSession(
      Request.Get get, @Nullable HashSequence knownRoot, RootProgress coming, GetterLimits limits) {
    boolean rootNeeded = knownRoot == null && !get.ranges().isSingleBlob();
    if (rootNeeded && !coming.isCompletedBy(get.ranges().at(0))) {
      throw new IllegalArgumentException("children of an unknown root");
    }
    this.ranges = get.ranges();
    this.rootHash = get.hash();
    this.hash = get.hash();
    this.hashes = null;
    this.root = knownRoot;
    this.comingRoot = rootNeeded ? coming : null;
    this.limits = limits;
  }

  /** A session for a GetMany. */
  public GetterSession(Request.GetMany many, long maxBlobBytes) {
    this.ranges = many.ranges();
    this.rootHash = Hash.EMPTY_BLOB;
    this.hash = Hash.EMPTY_BLOB;
    this.hashes = many.hashes();
    this.limits = GetterLimits.ofBlobs(maxBlobBytes);
  }

  /** Bytes that the last {@link #next} took. */
  public int consumed() {
    return consumed;
  }

  /** Whether everything requested is here. */
  public boolean isComplete() {
    return end instanceof GetterEvent.Complete;
  }

  /**
   * Takes bytes up to the next event. Call it again with the rest until it needs more or is over:
   * only then it knows that everything is here.
   */
  public GetterEvent next(byte[] data, int offset, int length) {
    consumed = 0;
    if (end == null && !inBlob) {
      end = startBlob();
    }
    return end != null ? end : read(Objects.requireNonNull(decoder), data, offset, length);
  }

  /** Says what the end of the stream means, if it comes now. */
  public GetterEvent endOfStream() {
    if (end == null && !inBlob) {
      end = startBlob();
    }
    if (end == null) {
      ResponseDecoder current = Objects.requireNonNull(decoder);
      end =
          switch (current.endOfStream()) {
            case ResponseDecoder.Event.Failed failed -> failed(failed);
            default -> {
              blobDone(current);
              yield endOfStream();
            }
          };
    }
    return end;
  }

  /** What the end of the stream means, if it comes now; empty if everything is here. */
  public Optional<GetterFailure> finished() {
    endOfStream();
    return outcome(new GetterFailure.NotFound());
  }

  /** What a reset of the stream means, if it comes now; empty if everything is here. */
  public Optional<GetterFailure> reset(long code) {
    return outcome(GetterFailure.ofReset(code));
  }

  /** What the loss of the connection means, if it comes now; empty if everything is here. */
  public Optional<GetterFailure> connectionLost(String why) {
    return outcome(GetterFailure.ofConnectionLost(why));
  }

  private Optional<GetterFailure> outcome(GetterFailure otherwise) {
    return switch (end) {
      case null -> Optional.of(otherwise);
      case GetterEvent.Complete _ -> Optional.empty();
      case GetterEvent.Failed failed -> Optional.of(GetterFailure.of(failed));
      case GetterEvent.NoHashSequence none -> Optional.of(GetterFailure.of(none));
      default -> throw new IllegalStateException("no end: " + end);
    };
  }

  /** Turns to the next requested blob; an event if there is none. */
  private @Nullable GetterEvent startBlob() {
    OptionalLong found =
        nextIndex.isPresent() ? ranges.nextNonEmpty(nextIndex.getAsLong()) : nextIndex;
    if (found.isEmpty()) {
      return atTheEnd();
    }
    index = found.getAsLong();
    nextIndex = index == -1L ? OptionalLong.empty() : OptionalLong.of(index + 1);
    Hash next = hashOf(index);
    if (next == null) {
      return atTheEnd();
    }
    hash = next;
    long maxBytes = comingRoot != null ? limits.maxRootBytes() : limits.maxBlobBytes();
    if (decoder == null) {
      decoder = new ResponseDecoder(SubtreeEngine.preferred(), hash, ranges.at(index), maxBytes);
    } else {
      decoder.restart(hash, ranges.at(index), maxBytes);
    }
    inBlob = true;
    return null;
  }

  private GetterEvent atTheEnd() {
    return firstMissing == null ? new GetterEvent.Complete() : firstMissing;
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
      case ResponseDecoder.Event.Header header ->
          new GetterEvent.BlobStarted(index, hash, header.claimedSizeBytes());
      case ResponseDecoder.Event.Pair pair ->
          new GetterEvent.Pair(index, pair.parent(), pair.buffer());
      case ResponseDecoder.Event.Data leaf -> {
        if (comingRoot != null) {
          comingRoot.add(leaf.leaf(), leaf.buffer(), current.claimedSizeBytes());
        }
        yield new GetterEvent.Data(index, leaf.leaf(), leaf.buffer());
      }
      case ResponseDecoder.Event.Complete _ -> blobDone(current);
      case ResponseDecoder.Event.Failed failed -> blobFailed(failed);
    };
  }

  /** A placeholder leaves the next blob in step, unless this one is to name it. */
  private GetterEvent blobFailed(ResponseDecoder.Event.Failed cause) {
    GetterEvent.Failed failed = failed(cause);
    if (cause.failure() != Failure.SIZE_ZERO || comingRoot != null) {
      return ended(failed);
    }
    inBlob = false;
    if (firstMissing == null) {
      firstMissing = failed;
    }
    return new GetterEvent.BlobMissing(index, hash);
  }

  private GetterEvent.Failed failed(ResponseDecoder.Event.Failed cause) {
    long claimed = Objects.requireNonNull(decoder).claimedSizeBytes();
    return new GetterEvent.Failed(index, hash, claimed, cause);
  }

  private GetterEvent ended(GetterEvent event) {
    end = event;
    return event;
  }

  private GetterEvent blobDone(ResponseDecoder current) {
    inBlob = false;
    long sizeBytes = current.claimedSizeBytes();
    RootProgress done = comingRoot;
    if (done == null) {
      return new GetterEvent.BlobDone(index, hash, sizeBytes, current.isSizeProven());
    }
    comingRoot = null;
    if (!done.isWhole(sizeBytes)) {
      return ended(failed(new ResponseDecoder.Event.Failed(Failure.SIZE_REFUSED, 0, 0)));
    }
    Optional<HashSequence> sequence = done.sequence(sizeBytes);
    if (sequence.isEmpty()) {
      return ended(new GetterEvent.NoHashSequence(hash));
    }
    root = sequence.get();
    return new GetterEvent.BlobDone(index, hash, sizeBytes, true);
  }
}
