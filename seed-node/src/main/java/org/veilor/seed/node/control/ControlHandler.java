package org.veilor.seed.node.control;

import java.io.IOException;

/** Works on requests, each on a virtual thread of its own. */
@FunctionalInterface
public interface ControlHandler {
  /**
   * Works on one request; the answer is complete when this returns.
   *
   * @throws ControlException for an answer that is an error
   * @throws IOException where the reader has gone
   */
  void handle(ControlRequest request, ControlAnswer answer) throws ControlException, IOException;
}
