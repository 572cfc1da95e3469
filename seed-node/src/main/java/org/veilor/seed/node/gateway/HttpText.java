package org.veilor.seed.node.gateway;

/** Character classes of RFC 9110 and RFC 3986, for the parsers. */
final class HttpText {
  private static final String TCHAR_MARKS = "!#$%&'*+-.^_`|~";
  private static final String UNRESERVED_MARKS = "-._~";
  private static final String SUB_DELIMS = "!$&'()*+,;=";

  private HttpText() {}

  static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  static boolean isAlpha(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  static boolean isHexDigit(int c) {
    return Character.digit(c, 16) >= 0 && c < 0x80;
  }

  /** {@code tchar}, RFC 9110 section 5.6.2. */
  static boolean isTokenChar(int c) {
    return isAlpha(c) || isDigit(c) || TCHAR_MARKS.indexOf(c) >= 0;
  }

  /** Whether the text is a {@code token}. */
  static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(HttpText::isTokenChar);
  }

  /** What may stand in a field value, RFC 9110 section 5.5: VCHAR, obs-text, SP and HTAB. */
  static boolean isFieldChar(int c) {
    return c == '\t' || (c >= ' ' && c != 0x7f && c <= 0xff);
  }

  /** {@code pchar} without the percent sign, RFC 3986 section 3.3. */
  static boolean isPathChar(int c) {
    return isUnreserved(c) || SUB_DELIMS.indexOf(c) >= 0 || c == ':' || c == '@';
  }

  /** What a registered name may hold, RFC 3986 section 3.2.2. */
  static boolean isNameChar(int c) {
    return isUnreserved(c) || SUB_DELIMS.indexOf(c) >= 0;
  }

  private static boolean isUnreserved(int c) {
    return isAlpha(c) || isDigit(c) || UNRESERVED_MARKS.indexOf(c) >= 0;
  }

  /**
   * Reads digits as a number; one too large is {@link Long#MAX_VALUE}.
   *
   * @return -1 where the text is empty or anything but digits
   */
  static long number(String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(HttpText::isDigit)) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
