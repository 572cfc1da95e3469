package org.veilor.seed.node.daemon;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.node.catalogue.ServiceReport;

/** What services hold under their own paths, as their origins say. */
interface ServiceCatalogue {
  /** What stands under a path. */
  record Listed(Hash hash, long sizeBytes) {}

  /**
   * The blob that a path stands for, or null; its origin is a known provider from then on. Waits
   * for the disk at most.
   *
   * @param path without a slash in front, as the gateway checked it
   */
  @Nullable Listed find(String service, String path);

  /** Whether this node is in a service with others, and so may know it without a folder. */
  boolean isMember(String service);

  /** The catalogues of a service that are here. */
  List<ServiceReport.Here> here(String service);
}
