package org.veilor.seed.store;

/**
 * The store cannot be opened or used. The message is one sentence that says what is wrong, where,
 * and what to do.
 */
public class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
