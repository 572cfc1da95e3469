package org.veilor.seed.node.daemon;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/**
 * What a service holds under its own paths, as its origin says. Announcements will fill one; until
 * then there is {@link #NONE}.
 */
@FunctionalInterface
interface ServiceCatalogue {
  /** Nothing is known but what is in the service's folder. */
  ServiceCatalogue NONE = (service, path) -> null;

  /**
   * The blob that a path stands for, or null. Must not block.
   *
   * @param path without a slash in front, as the gateway checked it
   */
  @Nullable Hash find(String service, String path);
}
