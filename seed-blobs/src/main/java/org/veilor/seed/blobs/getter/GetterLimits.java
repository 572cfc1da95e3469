package org.veilor.seed.blobs.getter;

import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.hash.Hash;

/**
 * What one response may claim.
 *
 * @param maxBlobBytes largest size of a blob
 * @param maxChildren most children of a hash sequence whose children are requested
 */
public record GetterLimits(long maxBlobBytes, int maxChildren) {
  /** Most children that are ever accepted. */
  public static final int MAX_CHILDREN = BlobsLimits.MAX_ROOT_BYTES / Hash.LENGTH;

  /** Checks the numbers. */
  public GetterLimits {
    if (maxBlobBytes < 0 || maxChildren < 0 || maxChildren > MAX_CHILDREN) {
      throw new IllegalArgumentException(maxBlobBytes + " bytes, " + maxChildren + " children");
    }
  }

  /** Blobs up to this size, and as many children as a root may have. */
  public static GetterLimits ofBlobs(long maxBlobBytes) {
    return new GetterLimits(maxBlobBytes, MAX_CHILDREN);
  }

  /** Largest size of a root whose children are requested. */
  long maxRootBytes() {
    return Math.min(maxBlobBytes, (long) maxChildren * Hash.LENGTH);
  }
}
