package org.veilor.seed.store.cache;

import java.io.IOException;

/** The disk is full: go on without keeping the blob. */
public final class CacheFullException extends IOException {
  private static final long serialVersionUID = 1L;

  CacheFullException(String message) {
    super(message);
  }

  CacheFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
