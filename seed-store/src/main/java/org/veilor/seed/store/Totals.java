package org.veilor.seed.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Running sums over the database, so that nobody has to count. */
final class Totals {
  final AtomicLong blobs = new AtomicLong();
  final AtomicLong bytes = new AtomicLong();
  final AtomicLong outboardBytes = new AtomicLong();
  final AtomicLong paths = new AtomicLong();
  final AtomicLong collections = new AtomicLong();
  private final Map<String, ServiceTotals> services = new ConcurrentHashMap<>();

  void addBlob(Rows.BlobRow row, int sign) {
    blobs.addAndGet(sign);
    bytes.addAndGet(sign * row.sizeBytes());
    outboardBytes.addAndGet(sign * row.outboardBytes());
  }

  void addPath(PathRecord row, int sign) {
    paths.addAndGet(sign);
    addService(row.service(), new ServiceTotals(sign, sign * row.identity().sizeBytes()));
  }

  /** Adds a path that a start has found. */
  void addPath(Rows.PathSize row) {
    paths.incrementAndGet();
    addService(row.service(), new ServiceTotals(1, row.sizeBytes()));
  }

  private void addService(String name, ServiceTotals change) {
    services.merge(name, change, ServiceTotals::plus);
  }

  ServiceTotals service(String name) {
    return services.getOrDefault(name, ServiceTotals.NONE);
  }

  void add(Totals other) {
    blobs.addAndGet(other.blobs.get());
    bytes.addAndGet(other.bytes.get());
    outboardBytes.addAndGet(other.outboardBytes.get());
    paths.addAndGet(other.paths.get());
    collections.addAndGet(other.collections.get());
    other.services.forEach(this::addService);
  }

  void reset() {
    blobs.set(0);
    bytes.set(0);
    outboardBytes.set(0);
    paths.set(0);
    collections.set(0);
    services.clear();
  }
}
