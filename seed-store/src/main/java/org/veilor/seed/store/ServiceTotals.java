package org.veilor.seed.store;

/**
 * The files of one service that are in the store.
 *
 * @param sizeBytes of all of them together, each counted for itself
 */
public record ServiceTotals(long files, long sizeBytes) {
  static final ServiceTotals NONE = new ServiceTotals(0, 0);

  ServiceTotals plus(ServiceTotals other) {
    return new ServiceTotals(files + other.files, sizeBytes + other.sizeBytes);
  }
}
