package org.veilor.seed.node.seeding;

/**
 * The mass-deletion brake: a folder that is emptied, unmounted or half gone is more often an
 * accident than a wish, and what was hashed from it took long to hash. What appears at the same
 * time is set against what vanishes, so that renaming a folder does not trip it.
 */
final class Brake {
  private Brake() {}

  /**
   * Whether to stop believing in deletions.
   *
   * @param rows files of the service that are stored, with those that vanished lately
   * @param vanished files that vanished lately
   * @param appeared files that came lately and were not stored before
   */
  static boolean trips(long rows, long vanished, long appeared) {
    long lost = vanished - appeared;
    return lost >= SeedingLimits.BRAKE_MINIMUM && lost * 100 > rows * SeedingLimits.BRAKE_PERCENT;
  }
}
