package org.veilor.seed.node.seeding;

import java.time.Duration;
import org.veilor.seed.node.config.SeedingSettings;

/**
 * The times of the state machine, in nanoseconds.
 *
 * @param settleNanos quiet time after the writer closed the file
 * @param settleOpenNanos quiet time where no end of writing was seen
 * @param graceNanos between a deletion that was told and the look that confirms it
 * @param confirmNanos between the two observations that a scan needs for a deletion
 * @param retryNanos before the first retry of what failed; it doubles each time
 * @param maxRetryNanos the longest pause between retries
 */
record Timing(
    long settleNanos,
    long settleOpenNanos,
    long graceNanos,
    long confirmNanos,
    long retryNanos,
    long maxRetryNanos) {

  /** The times that follow from the configuration. */
  static Timing of(SeedingSettings settings) {
    return new Timing(
        settings.settle().toNanos(),
        settings.settleOpen().toNanos(),
        settings.settle().toNanos(),
        3 * settings.settleOpen().toNanos(),
        2 * settings.settleOpen().toNanos(),
        Duration.ofHours(1).toNanos());
  }

  /** The pause before the next try, after that many failed ones. */
  long pauseNanos(long firstNanos, int attempts) {
    return Math.min(maxRetryNanos, firstNanos << Math.min(attempts, 16));
  }
}
