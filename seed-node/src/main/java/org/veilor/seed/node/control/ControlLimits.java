package org.veilor.seed.node.control;

/** Every limit of the control API in one place. */
final class ControlLimits {
  /** Body of a request. */
  static final int MAX_BODY_BYTES = 4 << 20;

  /** Request line, and all headers together. */
  static final int MAX_HEADER_BYTES = 64 << 10;

  /** Requests that are worked on at once. */
  static final int MAX_REQUESTS = 32;

  /** Connections that are open at once. */
  static final int MAX_CONNECTIONS = 128;

  /** Bytes of a streamed answer that are collected before they are sent. */
  static final int FLUSH_BYTES = 32 << 10;

  /** Body of an answer that is not streamed, as the client accepts it. */
  static final int MAX_ANSWER_BYTES = 64 << 20;

  /** A line of a streamed answer, as the client accepts it. */
  static final int MAX_LINE_BYTES = 1 << 20;

  private ControlLimits() {}
}
