package org.veilor.seed.quic.stream;

/**
 * Reads stream ids: the lowest bits tell initiator and direction, the rest counts (RFC 9000 §2.1).
 */
final class StreamIds {
  private static final int SERVER = 0x01;
  private static final int UNIDIRECTIONAL = 0x02;
  private static final int TYPE_BITS = 2;

  private StreamIds() {}

  static long of(long index, boolean byClient, boolean bidirectional) {
    return (index << TYPE_BITS) | (byClient ? 0 : SERVER) | (bidirectional ? 0 : UNIDIRECTIONAL);
  }

  static boolean isByClient(long id) {
    return (id & SERVER) == 0;
  }

  static boolean isBidirectional(long id) {
    return (id & UNIDIRECTIONAL) == 0;
  }

  /** How many streams of the same type came before. */
  static long index(long id) {
    return id >>> TYPE_BITS;
  }
}
