package org.veilor.seed.gossip.service;

import java.nio.charset.StandardCharsets;

/**
 * A service of a realm, such as {@code misskey} of {@code x.veilor}.
 *
 * @param realm whose it is; 1 to {@value #MAX_BYTES} bytes of UTF-8 without control characters
 * @param name likewise
 */
public record ServiceName(String realm, String name) {
  /** Longest realm, and longest name. */
  public static final int MAX_BYTES = 255;

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public ServiceName {
    check("realm", realm);
    check("name", name);
  }

  private static void check(String what, String text) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a service's " + what + " has 1 to " + MAX_BYTES + " bytes, not " + length);
    }
    if (text.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a service's " + what + " has no control characters");
    }
  }

  /** {@code realm/name}. */
  @Override
  public String toString() {
    return realm + "/" + name;
  }
}
