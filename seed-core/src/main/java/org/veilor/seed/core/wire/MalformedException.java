package org.veilor.seed.core.wire;

import org.jspecify.annotations.Nullable;

/**
 * Bytes or text from outside do not have the form that their format demands.
 *
 * <p>It is checked because a peer can provoke it at will: every caller has to decide what the input
 * implies about the peer. It carries no stack trace, so that provoking it stays cheap.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long offset;

  /**
   * Creates the exception.
   *
   * @param offset position in the input, in bytes or characters, at which the rule was broken
   * @param reason the broken rule, without any of the input itself
   */
  public MalformedException(long offset, String reason) {
    this(offset, reason, null);
  }

  MalformedException(long offset, String reason, @Nullable Throwable cause) {
    super("at " + offset + ": " + reason, cause, false, false);
    this.offset = offset;
  }

  /** Position in the input, in bytes or characters. */
  public long offset() {
    return offset;
  }
}
