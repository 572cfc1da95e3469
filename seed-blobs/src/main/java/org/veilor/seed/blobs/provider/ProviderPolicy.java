package org.veilor.seed.blobs.provider;

import org.veilor.seed.blobs.protocol.Request;

/**
 * Which requests of one connection are served. All calls come from the thread that owns the
 * connection.
 */
public interface ProviderPolicy {
  /** The answer to a request. */
  enum Decision {
    /** Serve it. */
    ADMIT,
    /** This peer may not; the getter sees code 1. */
    REFUSE_PERMISSION,
    /** Too much at the moment; the getter sees code 2. */
    REFUSE_LIMIT
  }

  /** Decides on a request other than a Push, which is always refused. */
  Decision decide(Request request);

  /** An admitted request is over, however it ended. */
  default void ended(Request request) {}

  /** Admits everything; what a peer may have is then up to its catalogue alone. */
  static ProviderPolicy admitAll() {
    return request -> Decision.ADMIT;
  }
}
