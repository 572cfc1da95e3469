package org.veilor.seed.core.ticket;

import org.veilor.seed.core.wire.Base32;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;

/** The text form of all tickets: a kind in lower case, then base32 in either case, no padding. */
final class TicketText {
  private TicketText() {}

  static String format(String kind, byte[] bytes) {
    return kind + Base32.RFC4648.encode(bytes);
  }

  static byte[] parse(String kind, String text) throws MalformedException {
    if (text.length() > CoreLimits.MAX_TICKET_CHARS) {
      throw new MalformedException(CoreLimits.MAX_TICKET_CHARS, "ticket too long");
    }
    if (!text.startsWith(kind)) {
      throw new MalformedException(0, "no ticket of the kind " + kind);
    }
    return Base32.RFC4648.decode(text.substring(kind.length()));
  }
}
