package org.veilor.seed.node.seeding;

import java.util.function.LongSupplier;
import org.veilor.seed.node.config.SeedingSettings;

/**
 * What the parts of the seeder share.
 *
 * @param store what is seeded
 * @param nanoClock never goes back
 * @param services belongs to the seeder's thread
 * @param mailbox how other threads bring messages to the seeder's thread
 */
record SeederContext(
    SeedStore store,
    SeedingSettings settings,
    FileView files,
    LongSupplier nanoClock,
    ServiceTable services,
    Mailbox mailbox) {

  long nowNanos() {
    return nanoClock.getAsLong();
  }
}
