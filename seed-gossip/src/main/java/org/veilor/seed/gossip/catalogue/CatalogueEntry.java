package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * What stands behind a path.
 *
 * @param hash of the blob
 * @param sizeBytes of the blob, at most {@link CatalogueLimits#MAX_BLOB_BYTES}
 * @param mediaType as {@link MediaTypes#isProper} has it
 * @param modifiedMillis when the file was changed last, in milliseconds since 1970, at most {@link
 *     CatalogueLimits#MAX_TIME_MILLIS}
 */
public record CatalogueEntry(Hash hash, long sizeBytes, String mediaType, long modifiedMillis) {
  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is broken
   */
  public CatalogueEntry {
    if (sizeBytes < 0 || sizeBytes > CatalogueLimits.MAX_BLOB_BYTES) {
      throw new IllegalArgumentException("a blob of " + sizeBytes + " bytes in a catalogue");
    }
    if (!MediaTypes.isProper(mediaType)) {
      throw new IllegalArgumentException("no media type: " + mediaType);
    }
    if (modifiedMillis < 0 || modifiedMillis > CatalogueLimits.MAX_TIME_MILLIS) {
      throw new IllegalArgumentException("time " + modifiedMillis + " in a catalogue");
    }
  }

  /** The entry of a file whose time is brought between 1970 and the latest that can be written. */
  public static CatalogueEntry ofFile(
      Hash hash, long sizeBytes, String mediaType, long modifiedMillis) {
    return new CatalogueEntry(
        hash, sizeBytes, mediaType, Math.clamp(modifiedMillis, 0, CatalogueLimits.MAX_TIME_MILLIS));
  }

  void write(PostcardWriter out) {
    out.writeFixed(hash.toBytes()).writeVarint(sizeBytes);
    MediaTypes.write(out, mediaType);
    out.writeVarint(modifiedMillis);
  }

  static CatalogueEntry read(PostcardReader in) throws MalformedException {
    Hash hash = Hash.of(in.readFixed(Hash.LENGTH));
    long size = in.readU64();
    if (Long.compareUnsigned(size, CatalogueLimits.MAX_BLOB_BYTES) > 0) {
      throw in.malformed("blob too large");
    }
    String mediaType = MediaTypes.read(in);
    long modified = in.readU64();
    if (Long.compareUnsigned(modified, CatalogueLimits.MAX_TIME_MILLIS) > 0) {
      throw in.malformed("time too late");
    }
    return new CatalogueEntry(hash, size, mediaType, modified);
  }
}
