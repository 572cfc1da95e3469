package org.veilor.seed.node.download;

import java.util.List;
import java.util.OptionalLong;

/**
 * How far a download is.
 *
 * @param sizeBytes the proved size
 * @param presentBytes verified bytes that are here
 * @param bytesPerSecond rate over the last seconds
 * @param kept whether the cache keeps the blob
 * @param providers all that were tried or wait to be
 */
public record DownloadProgress(
    OptionalLong sizeBytes,
    long presentBytes,
    long bytesPerSecond,
    boolean kept,
    List<Share> providers) {
  /** Copies the list. */
  public DownloadProgress {
    providers = List.copyOf(providers);
  }

  /**
   * What one provider gave.
   *
   * @param state what it is doing, in words
   * @param bytes verified bytes that were needed
   * @param wastedBytes verified bytes that were here already
   * @param bytesPerSecond measured rate; 0 if not known
   * @param rttNanos round trip; 0 if not known
   */
  public record Share(
      ProviderId provider,
      String state,
      long bytes,
      long wastedBytes,
      long bytesPerSecond,
      long rttNanos) {}
}
