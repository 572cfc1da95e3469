package org.veilor.seed.node.config;

import java.time.Duration;

/**
 * How folders are watched.
 *
 * @param settle how long a closed file must stay quiet before it is hashed
 * @param settleOpen how long a file must stay quiet whose end of writing was not seen
 * @param scanInterval how often the whole folder is compared with what is stored
 * @param hashThreads files hashed at once
 * @param watch whether inotify may be used; without it changes are seen later
 * @param sha256 whether the gateway is to tell SHA-256 digests of what is seeded
 */
public record SeedingSettings(
    Duration settle,
    Duration settleOpen,
    Duration scanInterval,
    int hashThreads,
    Watch watch,
    Digests sha256) {

  /** The means to hear of changes. */
  public enum Watch {
    /** inotify, and the JDK's own service where that is missing. */
    AUTO,
    /** The JDK's watch service. */
    PORTABLE,
    /** Only the scan. */
    OFF
  }

  /** Whether digests are computed that the protocol does not need. */
  public enum Digests {
    /** No. */
    OFF,
    /** Of every file that is imported from now on. */
    ON
  }

  /** Without digests. */
  public SeedingSettings(
      Duration settle, Duration settleOpen, Duration scanInterval, int hashThreads, Watch watch) {
    this(settle, settleOpen, scanInterval, hashThreads, watch, Digests.OFF);
  }

  /** The defaults. */
  public static SeedingSettings defaults() {
    return new SeedingSettings(
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofHours(1),
        Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8),
        Watch.AUTO);
  }
}
