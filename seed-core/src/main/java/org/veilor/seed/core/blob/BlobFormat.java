package org.veilor.seed.core.blob;

import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/** How the bytes of a blob are meant. */
public enum BlobFormat {
  /** Just bytes. */
  RAW(0),
  /** The hashes of other blobs, its children, one behind the other. */
  HASH_SEQUENCE(1);

  private final int wireIndex;

  BlobFormat(int wireIndex) {
    this.wireIndex = wireIndex;
  }

  /** Writes the discriminant. */
  public void encode(PostcardWriter out) {
    out.writeVarint(wireIndex);
  }

  /**
   * Reads the discriminant.
   *
   * @throws MalformedException if it is unknown
   */
  public static BlobFormat decode(PostcardReader in) throws MalformedException {
    return in.readVariant(2) == RAW.wireIndex ? RAW : HASH_SEQUENCE;
  }
}
