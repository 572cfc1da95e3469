package org.veilor.seed.node.download;

import java.io.IOException;

/** There is no connection to a provider; the message says what answers at its addresses, if any. */
public final class UnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean isFinal;

  /**
   * Creates it.
   *
   * @param isFinal another try is not worth waiting for
   */
  public UnreachableException(String message, boolean isFinal) {
    super(message);
    this.isFinal = isFinal;
  }

  /** Whether another try is not worth waiting for. */
  public boolean isFinal() {
    return isFinal;
  }
}
