package org.veilor.seed.node.gateway;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a head in bytes that come piece by piece, and looks at each byte once. A line
 * feed without a carriage return is refused on the spot: some take it for a line end, others not
 * (RFC 9112 section 2.2).
 */
final class HeadScanner {
  /** The head is not complete. */
  static final int INCOMPLETE = -1;

  /** There is a line feed without a carriage return. */
  static final int BARE_LINE_FEED = -2;

  private int scanned;
  private int lineStart;
  private boolean skippedEmptyLine;

  /**
   * Looks at what is new.
   *
   * @param bytes from the first byte of the head; one empty line before it is taken away
   * @return length of the head, or one of the constants
   */
  int scan(ByteBuf bytes) {
    while (scanned < bytes.readableBytes()) {
      int from = bytes.readerIndex();
      int at = bytes.indexOf(from + scanned, bytes.writerIndex(), (byte) '\n') - from;
      if (at < 0) {
        scanned = bytes.readableBytes();
        return INCOMPLETE;
      }
      if (at == lineStart || bytes.getByte(from + at - 1) != '\r') {
        return BARE_LINE_FEED;
      }
      boolean emptyLine = at == lineStart + 1;
      scanned = at + 1;
      lineStart = scanned;
      if (emptyLine && at == 1 && !skippedEmptyLine) {
        // RFC 9112 section 2.2: a server SHOULD ignore at least one empty line (CRLF) received
        // prior to the request-line.
        bytes.skipBytes(2);
        skippedEmptyLine = true;
        scanned = 0;
        lineStart = 0;
      } else if (emptyLine) {
        return at + 1;
      }
    }
    return INCOMPLETE;
  }

  /** Whether the first line is complete. */
  boolean hasLine() {
    return lineStart > 0;
  }

  /** Starts with the next head. */
  void reset() {
    scanned = 0;
    lineStart = 0;
    skippedEmptyLine = false;
  }
}
