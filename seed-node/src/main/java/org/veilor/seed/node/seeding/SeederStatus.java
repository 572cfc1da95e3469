package org.veilor.seed.node.seeding;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How seeding goes.
 *
 * @param watcher what tells of changes
 * @param watches folders watched
 * @param watchBudget folders that may be watched
 * @param services one entry for each service
 * @param tracked paths on their way, by state
 * @param hashing files being hashed now
 * @param hashed files hashed since the start
 * @param lastError the last thing that failed, or null
 */
public record SeederStatus(
    String watcher,
    int watches,
    int watchBudget,
    List<Service> services,
    Map<String, Integer> tracked,
    int hashing,
    long hashed,
    @Nullable String lastError) {

  /**
   * One service.
   *
   * @param files files in the store
   * @param pending paths on their way
   * @param paused why deletions are not believed and nothing new is hashed, or null
   * @param alert what the operator should know, or null
   * @param lastScanMillis when the last scan ended, milliseconds since 1970, or 0
   */
  public record Service(
      String name,
      Path directory,
      String exposure,
      long files,
      long sizeBytes,
      int pending,
      boolean scanning,
      long lastScanMillis,
      @Nullable String paused,
      @Nullable String alert) {}

  /** Copies list and map. */
  public SeederStatus {
    services = List.copyOf(services);
    tracked = Map.copyOf(tracked);
  }

  /** Whether every service was scanned and nothing is on its way. */
  public boolean isSettled() {
    return tracked.isEmpty()
        && hashing == 0
        && services.stream().noneMatch(s -> s.scanning() || s.lastScanMillis() == 0);
  }
}
