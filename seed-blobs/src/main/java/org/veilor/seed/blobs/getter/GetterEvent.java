package org.veilor.seed.blobs.getter;

import org.veilor.seed.core.bao.BaoItem;
import org.veilor.seed.core.bao.ResponseDecoder;
import org.veilor.seed.core.hash.Hash;

/** What a response yields. Indices are those of the request: 0 is the root of a Get. */
public sealed interface GetterEvent {
  /** More bytes are needed. */
  record NeedMore() implements GetterEvent {}

  /** The response for one blob starts; its size is a claim. */
  record BlobStarted(long index, Hash hash, long claimedSizeBytes) implements GetterEvent {}

  /**
   * A verified pair, in its place whatever size was claimed. It comes with the first leaf below it,
   * before that one.
   *
   * @param buffer holds 64 bytes from the start; valid until the next call
   */
  @SuppressWarnings("ArrayRecordComponent") // a view, not a value
  record Pair(long index, BaoItem.Parent parent, byte[] buffer) implements GetterEvent {}

  /**
   * Verified bytes.
   *
   * @param buffer holds {@code leaf.lengthBytes()} bytes from the start; valid until the next call
   */
  @SuppressWarnings("ArrayRecordComponent") // a view, not a value
  record Data(long index, BaoItem.Leaf leaf, byte[] buffer) implements GetterEvent {}

  /**
   * All requested chunks of one blob are here.
   *
   * @param sizeProven whether its last chunk was among them
   */
  record BlobDone(long index, Hash hash, long sizeBytes, boolean sizeProven)
      implements GetterEvent {}

  /**
   * The provider says that a blob that is not empty has size 0: a memory store's way to say that it
   * is missing. The response goes on with the next blob; at its end there is {@link Failed} in the
   * place of {@link Complete}, so that nobody has to look at this.
   */
  record BlobMissing(long index, Hash hash) implements GetterEvent {}

  /** Everything requested is here, whether the stream has ended or not. Further bytes are left. */
  record Complete() implements GetterEvent {}

  /**
   * The response for this blob failed; what was yielded before stays valid.
   *
   * @param claimedSizeBytes the size header of that blob, unsigned; 0 if it did not come
   */
  record Failed(long index, Hash hash, long claimedSizeBytes, ResponseDecoder.Event.Failed cause)
      implements GetterEvent {}

  /** Children were requested, but the root, which has verified, is no hash sequence. */
  record NoHashSequence(Hash hash) implements GetterEvent {}
}
