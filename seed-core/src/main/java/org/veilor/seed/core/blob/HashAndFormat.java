package org.veilor.seed.core.blob;

import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/** A hash and what its blob is. */
public record HashAndFormat(Hash hash, BlobFormat format) {
  private static final int HEX_CHARS = 2 * Hash.LENGTH;

  /** A raw blob. */
  public static HashAndFormat raw(Hash hash) {
    return new HashAndFormat(hash, BlobFormat.RAW);
  }

  /** A hash sequence. */
  public static HashAndFormat hashSequence(Hash hash) {
    return new HashAndFormat(hash, BlobFormat.HASH_SEQUENCE);
  }

  /**
   * Reads 64 hex digits, behind an {@code s} for a hash sequence, all in either case. Unlike a
   * {@link Hash} alone there is no base32 form (iroh-blobs {@code HashAndFormat::from_str}).
   *
   * @throws MalformedException on anything else
   */
  public static HashAndFormat parse(String text) throws MalformedException {
    boolean sequence = text.startsWith("s") || text.startsWith("S");
    String hex = sequence ? text.substring(1) : text;
    if (hex.length() != HEX_CHARS) {
      throw new MalformedException(0, "a hash is 64 hex digits");
    }
    Hash hash = Hash.of(Hex.decodeAnyCase(hex));
    return sequence ? hashSequence(hash) : raw(hash);
  }

  /** 64 lower-case hex digits, behind an {@code s} for a hash sequence. */
  @Override
  public String toString() {
    return switch (format) {
      case RAW -> hash.toString();
      case HASH_SEQUENCE -> "s" + hash;
    };
  }
}
