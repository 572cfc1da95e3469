package org.veilor.seed.store;

import java.util.Set;
import org.veilor.seed.core.hash.Hash;

/**
 * To whom a blob may be given that is no file of a service: one that was fetched from others, or
 * made here.
 *
 * @param everybody whether anybody may have it
 * @param services marks of the services whose members may have it; at most {@link
 *     StoreLimits#AUDIENCE_SERVICES}
 * @param isClaimed whether somebody said so who will also say when it is over; else this is
 *     forgotten with the cached blob
 */
public record Audience(boolean everybody, Set<Hash> services, boolean isClaimed) {
  /** Copies the marks. */
  public Audience {
    services = Set.copyOf(services);
    if (services.size() > StoreLimits.AUDIENCE_SERVICES) {
      throw new IllegalArgumentException(services.size() + " services of one blob");
    }
  }
}
