package org.veilor.seed.interop;

import java.time.Duration;

/** A point in time after which waiting ends. */
record Deadline(long atNanos, Duration limit) {
  static Deadline after(Duration limit) {
    return new Deadline(System.nanoTime() + limit.toNanos(), limit);
  }

  /** Sleeps, between two looks at something that another process changes. */
  static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  boolean isOver() {
    return System.nanoTime() - atNanos >= 0;
  }

  long remainingMillis() {
    return Math.max(0, (atNanos - System.nanoTime()) / 1_000_000);
  }

  @Override
  public String toString() {
    return limit.toString();
  }
}
