package org.veilor.seed.core.identity;

import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.Hex;
import org.veilor.seed.core.wire.MalformedException;

/** The text form that endpoint ids and secret keys share (iroh-base {@code key.rs}). */
final class KeyText {
  private static final int KEY_BYTES = 32;

  private KeyText() {}

  /** Reads 64 lower-case hex digits, or 52 characters of RFC 4648 base32 in either case. */
  static byte[] parse(String text) throws MalformedException {
    if (text.length() == 2 * KEY_BYTES) {
      return Hex.decodeLower(text);
    }
    if (text.length() != (KEY_BYTES * 8 + 4) / 5) {
      throw new MalformedException(0, "a key is 64 hex or 52 base32 characters");
    }
    return Base32.RFC4648.decode(text);
  }
}
