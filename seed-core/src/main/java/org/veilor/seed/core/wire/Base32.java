package org.veilor.seed.core.wire;

/**
 * Base 32 without padding in the three alphabets of the iroh world: 5 bits a character, most
 * significant bit first, missing bits of the last character zero.
 *
 * <p>All are case-insensitive when read and lower case when written. A character count that no
 * number of bytes leads to, and a last character with bits that belong to no byte, are errors, so
 * that every byte string has exactly one text (up to case).
 */
public enum Base32 {
  /** RFC 4648 section 6: hashes, endpoint ids and tickets. */
  RFC4648("abcdefghijklmnopqrstuvwxyz234567"),
  /** The extended hex alphabet of RFC 4648 section 7, "base32-dnssec": the server names of TLS. */
  DNSSEC("0123456789abcdefghijklmnopqrstuv"),
  /** z-base-32: the names of endpoints in DNS and pkarr. */
  Z_BASE_32("ybndrfg8ejkmcpqxot1uwisza345h769");

  private final String alphabet;

  Base32(String alphabet) {
    this.alphabet = alphabet;
  }

  /** The text of all bytes, {@code ceil(8 * length / 5)} lower-case characters. */
  public String encode(byte[] bytes) {
    StringBuilder out = new StringBuilder((bytes.length * 8 + 4) / 5);
    int bits = 0;
    int pending = 0;
    for (byte b : bytes) {
      pending = (pending << 8) | (b & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        out.append(alphabet.charAt((pending >>> bits) & 31));
      }
      pending &= (1 << bits) - 1;
    }
    if (bits > 0) {
      out.append(alphabet.charAt((pending << (5 - bits)) & 31));
    }
    return out.toString();
  }

  /**
   * Reads a text.
   *
   * @throws MalformedException on a foreign character, padding and white space included, on an
   *     impossible length, and on non-zero trailing bits
   */
  public byte[] decode(String text) throws MalformedException {
    byte[] out = new byte[(int) (text.length() * 5L / 8)];
    int length = 0;
    int bits = 0;
    int pending = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int value = c < 128 ? alphabet.indexOf(Character.toLowerCase(c)) : -1;
      if (value < 0) {
        throw new MalformedException(i, "not a base32 character");
      }
      pending = (pending << 5) | value;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        out[length++] = (byte) (pending >>> bits);
        pending &= (1 << bits) - 1;
      }
    }
    if (bits >= 5) {
      throw new MalformedException(text.length(), "impossible number of base32 characters");
    }
    if (pending != 0) {
      throw new MalformedException(text.length(), "non-zero trailing bits");
    }
    return out;
  }
}
