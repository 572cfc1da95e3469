package org.veilor.seed.node.gateway;

import org.veilor.seed.node.gateway.GatewayMetrics.Cut;

/** A transfer ends early for a reason that is no failure of the bytes. */
final class TransferStoppedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Cut why;

  TransferStoppedException(Cut why, String message) {
    super(message, null, false, false);
    this.why = why;
  }

  Cut why() {
    return why;
  }
}
