package org.veilor.seed.blobs.protocol;

import java.util.concurrent.TimeUnit;

/** Every limit that this module sets to what a peer sends, and its ALPN. */
public final class BlobsLimits {
  /** The name of the protocol in the TLS handshake. */
  public static final String ALPN = "/iroh-bytes/4";

  /** Bytes of a request behind its type byte. One more and the request is malformed. */
  public static final int MAX_REQUEST_BYTES = 1 << 20;

  /** Boundaries of all range sets of a request together. */
  public static final int MAX_BOUNDARIES = 1 << 16;

  /** Entries of a sequence of range sets. */
  public static final int MAX_ENTRIES = 1 << 16;

  /**
   * Entries and, counted apart, boundaries of a request that we make ourselves: with the longest
   * numbers possible it stays below {@link #MAX_REQUEST_BYTES}. What is missing beyond is asked for
   * later.
   */
  public static final int MAX_ASKED_BOUNDARIES = 1 << 15;

  /** Bytes of a hash sequence whose children are served or fetched: a million children. */
  public static final int MAX_ROOT_BYTES = 32 << 20;

  /** Time from the opening of a stream to the end of its request. */
  public static final long REQUEST_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Observe streams of one connection. */
  public static final int MAX_OBSERVERS_PER_CONNECTION = 16;

  /** Bytes of an observe item behind its length. */
  public static final int MAX_OBSERVE_ITEM_BYTES = 1 << 20;

  private BlobsLimits() {}
}
