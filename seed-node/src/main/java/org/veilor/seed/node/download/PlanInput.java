package org.veilor.seed.node.download;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.bao.ChunkRanges;

/** What happens to a {@link DownloadPlan}. */
public sealed interface PlanInput {
  /**
   * Somebody may have the blob.
   *
   * @param known the chunks that it is known to hold; null if that is not known
   * @param expectedBytesPerSecond rate that earlier downloads saw; 0 if none did
   */
  record ProviderFound(
      ProviderId provider, @Nullable ChunkRanges known, long expectedBytesPerSecond)
      implements PlanInput {}

  /**
   * Somebody has the blob who is only asked when nobody else gives it: connecting to it takes as
   * long as it takes, and ends by itself.
   */
  record LastResort(ProviderId provider) implements PlanInput {}

  /** All providers that can be found were found; false takes it back. */
  record NoMoreProviders(boolean isSo) implements PlanInput {}

  /** A connection is there. */
  record Connected(ProviderId provider, long rttNanos) implements PlanInput {}

  /** The round trip was measured again; 0 if it is not known. */
  record RoundTrip(ProviderId provider, long rttNanos) implements PlanInput {}

  /**
   * A connection could not be made, or was lost with all its requests.
   *
   * @param isFinal another try is not worth waiting for
   */
  record ProviderLost(ProviderId provider, String why, boolean isFinal) implements PlanInput {}

  /**
   * What the provider says it holds, altogether.
   *
   * @param sizeBytes its claim of the size; 0 if it knows nothing
   */
  record Observed(ProviderId provider, long sizeBytes, ChunkRanges present) implements PlanInput {}

  /** The observe stream is over. */
  record ObserveEnded(ProviderId provider) implements PlanInput {}

  /** A response began. */
  record SizeClaimed(long request, long sizeBytes) implements PlanInput {}

  /** The last chunk of the blob verified. */
  record SizeProven(long sizeBytes) implements PlanInput {}

  /**
   * Bytes of a response came.
   *
   * @param chunks whole chunk groups that verified; may be empty
   * @param bytes raw bytes of the stream
   */
  record Received(long request, ChunkRanges chunks, long bytes) implements PlanInput {}

  /** The response is not read until then, because of a limit on our side. */
  record Held(long request, long untilNanos) implements PlanInput {}

  /** All that was requested came. */
  record RequestEnded(long request) implements PlanInput {}

  /** A request failed; what came before stays. */
  record RequestFailed(long request, Meaning meaning, String what) implements PlanInput {}

  /** What a failed request implies about the provider. */
  enum Meaning {
    /** It does not have what is missing, and is healthy. */
    MISSING,
    /** It has too much to do. */
    BUSY,
    /** It does not have it or had too much to do: repeated once, alone (RESET 3). */
    RETRY_ALONE,
    /** The network. */
    TRANSPORT,
    /** We may not have the blob. */
    DENIED,
    /** It believes in a wrong size, which a liar may have told it. */
    USELESS,
    /** It sent what does not verify. */
    LIE
  }

  /** Chunks are here from an earlier try. */
  record Stored(ChunkRanges present) implements PlanInput {}

  /** Chunks are not here any more, or never were. */
  record Forgotten(ChunkRanges gone) implements PlanInput {}

  /**
   * Nothing is kept: only what readers need next is fetched.
   *
   * @param windowBytes how much of it, for each reader
   */
  record OnlyWindows(long windowBytes) implements PlanInput {}

  /**
   * A reader is there, or has moved.
   *
   * @param untilByte behind its last byte; {@link Long#MAX_VALUE} for the end of the blob
   */
  record ReaderWants(long reader, long fromByte, long untilByte) implements PlanInput {}

  /** A reader has left. */
  record ReaderGone(long reader) implements PlanInput {}

  /** Time has passed. */
  record Tick() implements PlanInput {}
}
