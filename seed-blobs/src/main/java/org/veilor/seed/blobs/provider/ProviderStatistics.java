package org.veilor.seed.blobs.provider;

/**
 * What a session has handed out for sending.
 *
 * @param payloadBytes bytes of blobs
 * @param otherBytes size headers, pairs and observe items
 * @param blobs complete answers for one blob or child each
 */
public record ProviderStatistics(long payloadBytes, long otherBytes, long blobs) {
  /** Nothing yet. */
  public static final ProviderStatistics NONE = new ProviderStatistics(0, 0, 0);

  ProviderStatistics plusBytes(int payload, int other) {
    return new ProviderStatistics(payloadBytes + payload, otherBytes + other, blobs);
  }

  ProviderStatistics plusBlob() {
    return new ProviderStatistics(payloadBytes, otherBytes, blobs + 1);
  }
}
