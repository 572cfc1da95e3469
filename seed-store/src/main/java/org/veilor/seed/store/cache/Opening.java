package org.veilor.seed.store.cache;

/** What came of {@link BlobCache#begin}. */
public sealed interface Opening {
  /** The blob may be written; whoever asked has to close it. */
  record Writer(PartialBlob blob) implements Opening {}

  /** The blob is here already. */
  record Complete() implements Opening {}

  /** Somebody else is writing it. */
  record Busy() implements Opening {}

  /** The blob is passed on and not kept. */
  record NotKept(Reason reason) implements Opening {}

  /** Why a blob is not kept. */
  enum Reason {
    /** Larger than the share of the budget that one blob may have. */
    TOO_LARGE,
    /** Large, and asked for the first time within a day. */
    SECOND_REQUEST_NEEDED,
    /** What is pinned, being read and being written leaves no room. */
    NO_ROOM,
    /** The file system is full, or {@code min_free} is reached. */
    DISK_FULL,
    /** An earlier copy was removed and is still being read. */
    BEING_REMOVED,
    /** The files cannot be written; {@link CacheStats#lastError()} says why. */
    UNUSABLE
  }
}
