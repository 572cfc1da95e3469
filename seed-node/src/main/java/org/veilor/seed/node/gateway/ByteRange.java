package org.veilor.seed.node.gateway;

/**
 * Some bytes of a representation.
 *
 * @param first position of the first byte
 * @param until position behind the last byte
 */
record ByteRange(long first, long until) {
  long lengthBytes() {
    return until - first;
  }

  /** The same, or an empty range where this one ends before it starts. */
  ByteRange normal() {
    return until > first ? this : new ByteRange(0, 0);
  }

  /** The value of Content-Range (RFC 9110 section 14.4). */
  String contentRange(long sizeBytes) {
    return "bytes " + first + "-" + (until - 1) + "/" + sizeBytes;
  }
}
