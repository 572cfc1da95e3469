package org.veilor.seed.quic.endpoint;

/** Lets tests of other packages see that an endpoint forgets what is over. */
public final class Tables {
  private Tables() {}

  /** Entries in all tables of an endpoint. */
  public static int size(QuicEndpoint endpoint) {
    return endpoint.tableSize();
  }
}
