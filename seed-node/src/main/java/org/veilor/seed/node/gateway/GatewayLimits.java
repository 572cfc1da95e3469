package org.veilor.seed.node.gateway;

/** Every fixed limit of the gateway in one place; what an operator may change is in settings. */
final class GatewayLimits {
  /** Request line and header section of a request together, with all line ends. */
  static final int MAX_HEAD_BYTES = 16 << 10;

  /** The request target. */
  static final int MAX_TARGET_BYTES = 4 << 10;

  /** Field lines of a request. */
  static final int MAX_FIELDS = 100;

  /** The body of a request that is read and thrown away. */
  static final int MAX_DRAINED_BODY_BYTES = 64 << 10;

  /** Bytes of later requests that wait while one is answered; then the socket is not read. */
  static final int MAX_PIPELINED_BYTES = 32 << 10;

  /** Bytes thrown away of a connection that is being closed after an error. */
  static final int MAX_LINGER_BYTES = 1 << 20;

  /** A path below a service, decoded. */
  static final int MAX_PATH_BYTES = 2 << 10;

  /** Segments of a path. */
  static final int MAX_PATH_SEGMENTS = 64;

  /** Name of a service. */
  static final int MAX_SERVICE_CHARS = 63;

  /** Ranges named in one Range field. */
  static final int MAX_RANGES_NAMED = 64;

  /** Ranges in one answer, after overlapping and adjacent ones were joined. */
  static final int MAX_RANGES = 16;

  /** Entity tags compared in one precondition. */
  static final int MAX_ENTITY_TAGS = 64;

  /** Bytes that are read and written at once. */
  static final int PIECE_BYTES = 32 << 10;

  /** A file up to this size is read and written with its head, in one system call. */
  static final int SMALL_FILE_BYTES = 32 << 10;

  /** Bytes waiting for a client: above the first it is not written, below the second again. */
  static final int HIGH_WATER_BYTES = 64 << 10;

  static final int LOW_WATER_BYTES = 32 << 10;

  /** Bytes of a blob on its way here that show its media type. */
  static final int SNIFFED_BYTES = 4 << 10;

  /** Media types that are remembered, by hash: some 6 MB, for as many blobs as a cache holds. */
  static final int REMEMBERED_TYPES = 64 << 10;

  /** Streams of one HTTP/2 connection. */
  static final int MAX_STREAMS = 100;

  /** Names on one page of a folder. */
  static final int MAX_LISTED = 1_000;

  /** UTF-8 of the names on one page together: as HTML they become up to ten times as long. */
  static final int MAX_LISTED_NAME_BYTES = 512 << 10;

  /** Answer of a page (status, listing, metrics). */
  static final int MAX_PAGE_BYTES = 8 << 20;

  private GatewayLimits() {}
}
