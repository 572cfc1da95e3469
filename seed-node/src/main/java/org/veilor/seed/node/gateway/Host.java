package org.veilor.seed.node.gateway;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The value of a Host field or {@code :authority} (RFC 9110 section 7.2, RFC 3986 section 3.2).
 *
 * @param name lower case; an IPv6 address keeps its brackets; empty where the target has no host
 * @param port -1 where none is named
 */
record Host(String name, int port) {
  private static final int MAX_NAME_CHARS = 255;

  /** Reads it; null where it is not valid. */
  static @Nullable Host parse(String text) {
    int nameEnd = text.startsWith("[") ? text.indexOf(']') + 1 : colonOrEnd(text);
    if ((nameEnd == 0 && text.startsWith("[")) || nameEnd > MAX_NAME_CHARS) {
      return null;
    }
    String name = text.substring(0, nameEnd);
    if (!isName(name)) {
      return null;
    }
    int port = -1;
    if (nameEnd < text.length()) {
      String digits = text.substring(nameEnd + 1);
      long number = digits.isEmpty() ? 0 : HttpText.number(digits);
      if (text.charAt(nameEnd) != ':' || number < 0 || number > 65_535) {
        return null;
      }
      port = digits.isEmpty() ? -1 : (int) number;
    }
    return new Host(name.toLowerCase(Locale.ROOT), port);
  }

  private static int colonOrEnd(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text.length() : colon;
  }

  private static boolean isName(String name) {
    if (name.startsWith("[")) {
      String address = name.substring(1, name.length() - 1);
      return address.length() >= 2
          && address.chars().allMatch(c -> HttpText.isHexDigit(c) || c == ':' || c == '.');
    }
    for (int i = 0; i < name.length(); i++) {
      boolean escape =
          name.charAt(i) == '%'
              && i + 2 < name.length()
              && HttpText.isHexDigit(name.charAt(i + 1))
              && HttpText.isHexDigit(name.charAt(i + 2));
      if (!escape && !HttpText.isNameChar(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
