package org.veilor.seed.gossip.catalogue;

/**
 * The lookup keys that begin with certain bits.
 *
 * @param first the first 32 bits of the smallest such key, unsigned
 * @param bits how many of them the keys have in common, 0 to {@value
 *     CatalogueLimits#MAX_PREFIX_BITS}
 */
public record KeyPrefix(long first, int bits) {
  /** All keys. */
  public static final KeyPrefix ALL = new KeyPrefix(0, 0);

  /** Where the keys end: 2 to the power of 32. */
  static final long END = 1L << CatalogueLimits.MAX_PREFIX_BITS;

  /**
   * Checks that the bits behind the common ones are 0.
   *
   * @throws IllegalArgumentException if they are not
   */
  public KeyPrefix {
    if (bits < 0 || bits > CatalogueLimits.MAX_PREFIX_BITS || !isAligned(first, bits)) {
      throw new IllegalArgumentException("no prefix: " + first + " of " + bits + " bits");
    }
  }

  static boolean isAligned(long first, int bits) {
    return first >= 0 && first < END && (first & ((END >>> bits) - 1)) == 0;
  }

  /** How many of the first 32 bits' values belong to it. */
  long width() {
    return END >>> bits;
  }

  /** The first value of the first 32 bits that is behind it. */
  long end() {
    return first + width();
  }

  /** Whether a key belongs to it. */
  public boolean contains(LookupKey key) {
    return contains(key.leadingBits());
  }

  boolean contains(long leadingBits) {
    return leadingBits >= first && leadingBits < end();
  }

  /** Those of them whose next bit is 0. */
  KeyPrefix lower() {
    return new KeyPrefix(first, bits + 1);
  }

  /** Those of them whose next bit is 1. */
  KeyPrefix upper() {
    return new KeyPrefix(first + width() / 2, bits + 1);
  }
}
