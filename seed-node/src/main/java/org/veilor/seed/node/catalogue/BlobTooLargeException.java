package org.veilor.seed.node.catalogue;

import java.io.IOException;
import org.veilor.seed.core.hash.Hash;

/** A blob is larger than any of its kind may be: whoever signed for it lies. */
public final class BlobTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says so. */
  public BlobTooLargeException(Hash hash, long sizeBytes, long maxBytes) {
    super(hash + " has " + sizeBytes + " bytes, more than " + maxBytes);
  }
}
