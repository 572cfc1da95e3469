package org.veilor.seed.node.net;

/**
 * Bytes of all requests being received or answered. One is a hundred bytes as a rule and a mebibyte
 * at most, so this stops only those who send long requests on many streams. On the event loop only.
 */
final class RequestBudget {
  /** Of all connections together. */
  static final long TOTAL_BYTES = 16L << 20;

  private long heldBytes;

  /** Takes so many bytes, or none if they would be too many. */
  boolean take(int bytes) {
    if (heldBytes + bytes > TOTAL_BYTES) {
      return false;
    }
    heldBytes += bytes;
    return true;
  }

  /** The request is gone. */
  void giveBack(int bytes) {
    heldBytes -= bytes;
  }

  long heldBytes() {
    return heldBytes;
  }
}
