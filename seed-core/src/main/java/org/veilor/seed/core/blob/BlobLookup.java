package org.veilor.seed.core.blob;

/** What a {@link BlobCatalog} answers. */
public sealed interface BlobLookup {
  /** The blob is here, completely or partially; whoever asked has to close the reader. */
  record Found(BlobReader reader) implements BlobLookup {}

  /** Nothing of the blob is here. */
  record Missing() implements BlobLookup {}

  /**
   * The blob may not be given to this peer.
   *
   * @param reason for the log, never for the peer
   */
  record Denied(String reason) implements BlobLookup {}
}
