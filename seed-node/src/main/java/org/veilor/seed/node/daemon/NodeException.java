package org.veilor.seed.node.daemon;

/**
 * The daemon cannot start or do what was asked: one sentence that says what, where and what to do.
 */
public final class NodeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates it. */
  public NodeException(String sentence) {
    super(sentence);
  }

  /** Creates it with its cause. */
  public NodeException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
