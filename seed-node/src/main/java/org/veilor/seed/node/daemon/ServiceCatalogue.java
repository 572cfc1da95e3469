package org.veilor.seed.node.daemon;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** What services hold under their own paths, as their origins say. */
@FunctionalInterface
interface ServiceCatalogue {
  /**
   * The blob that a path stands for, or null; its origin is a known provider from then on. Waits
   * for the disk at most.
   *
   * @param path without a slash in front, as the gateway checked it
   */
  @Nullable Hash find(String service, String path);

  /** Whether this node is in a service with others, and so may know it without a folder. */
  default boolean isMember(String service) {
    return false;
  }
}
