package org.veilor.seed.core.wire;

import java.util.HexFormat;

/**
 * Base 16. Written in lower case; read as lower case only, or in either case, as the caller says.
 */
public final class Hex {
  private Hex() {}

  /** Lower-case hex of all bytes. */
  public static String encode(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Reads lower-case hex.
   *
   * @throws MalformedException on an odd length or another character, upper-case digits included
   */
  public static byte[] decodeLower(String text) throws MalformedException {
    return decode(text, false);
  }

  /**
   * Reads hex in either case.
   *
   * @throws MalformedException on an odd length or another character
   */
  public static byte[] decodeAnyCase(String text) throws MalformedException {
    return decode(text, true);
  }

  private static byte[] decode(String text, boolean upperCaseAllowed) throws MalformedException {
    if (text.length() % 2 != 0) {
      throw new MalformedException(text.length(), "odd number of hex digits");
    }
    byte[] out = new byte[text.length() / 2];
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean upper = c >= 'A' && c <= 'F';
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0 || (upper && !upperCaseAllowed)) {
        throw new MalformedException(i, "not a hex digit");
      }
      out[i / 2] = (byte) ((out[i / 2] << 4) | digit);
    }
    return out;
  }
}
