package org.veilor.seed.node.policy;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;

/**
 * One line of the journal: {@code CRC32C KIND HASH MILLIS …}, fields apart by one space, so that an
 * operator can read it. The checksum is over the UTF-8 of all behind it.
 */
public sealed interface PolicyEntry {
  /** Longest reason, in characters; what is longer is cut. */
  int MAX_REASON_LENGTH = 300;

  Hash hash();

  /** When it was said, in milliseconds since 1970. */
  long atMillis();

  /** The operator wants it gone. The reason may be empty. */
  record Deny(Hash hash, long atMillis, String reason) implements PolicyEntry {
    /** Makes the reason one line of at most {@link #MAX_REASON_LENGTH} characters. */
    public Deny {
      reason = oneLine(reason);
    }
  }

  /** The operator takes a {@link Deny} back. */
  record Allow(Hash hash, long atMillis) implements PolicyEntry {}

  /**
   * An origin of a service wants it gone everywhere.
   *
   * @param untilMillis from when on it does not matter any more, in milliseconds since 1970
   */
  record Forget(Hash hash, long atMillis, EndpointId origin, long untilMillis)
      implements PolicyEntry {}

  /** The line without its end. */
  default String line() {
    String rest =
        switch (this) {
          case Deny(Hash hash, long at, String reason) -> "deny " + hash + " " + at + " " + reason;
          case Allow(Hash hash, long at) -> "allow " + hash + " " + at;
          case Forget(Hash hash, long at, EndpointId origin, long until) ->
              "forget " + hash + " " + at + " " + origin + " " + until;
        };
    return checksum(rest) + " " + rest;
  }

  /**
   * Reads a line.
   *
   * @throws MalformedException if it is not whole, or not one of ours
   */
  static PolicyEntry parse(String line) throws MalformedException {
    int space = line.indexOf(' ');
    String rest = line.substring(space + 1);
    if (space < 0 || !line.substring(0, space).equals(checksum(rest))) {
      throw new MalformedException(0, "the checksum of a line is wrong");
    }
    String[] fields = rest.split(" ", 5);
    try {
      if (fields.length >= 3) {
        Hash hash = Hash.parse(fields[1]);
        long at = Long.parseLong(fields[2]);
        if (fields[0].equals("deny") && fields.length >= 4) {
          return new Deny(hash, at, rest.split(" ", 4)[3]);
        }
        if (fields[0].equals("allow") && fields.length == 3) {
          return new Allow(hash, at);
        }
        if (fields[0].equals("forget") && fields.length == 5) {
          return new Forget(hash, at, EndpointId.parse(fields[3]), Long.parseLong(fields[4]));
        }
      }
    } catch (NumberFormatException _) {
      throw new MalformedException(space, "a time is no number");
    }
    throw new MalformedException(space, "a line is none of deny, allow and forget");
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(MAX_REASON_LENGTH)
        .forEach(point -> line.appendCodePoint(isPrintable(point) ? point : ' '));
    return line.toString().strip();
  }

  private static boolean isPrintable(int point) {
    return !Character.isISOControl(point)
        && Character.getType(point) != Character.LINE_SEPARATOR
        && Character.getType(point) != Character.PARAGRAPH_SEPARATOR
        && Character.getType(point) != Character.SURROGATE;
  }
}
