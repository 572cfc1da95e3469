package org.veilor.seed.node.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Where a handler puts its answer; one of the two ways, once. Not for many threads. */
public interface ControlAnswer {
  /** Answers with one JSON value. */
  void json(JsonNode value) throws IOException;

  /**
   * Answers with a stream of JSON values, one on each line; may be called often. Blocks while the
   * reader is slow.
   *
   * @throws IOException where the reader has gone
   */
  void line(JsonNode value) throws IOException;

  /** Sends the lines that are waiting. */
  void flush() throws IOException;
}
