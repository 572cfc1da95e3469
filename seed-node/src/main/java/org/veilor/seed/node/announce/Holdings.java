package org.veilor.seed.node.announce;

import java.util.OptionalLong;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;

/** What this node could give to those in a service's topic. */
@FunctionalInterface
public interface Holdings {
  /**
   * The size of a blob that is here whole, verified, and may be named on the service's topic: on
   * that of a group what is the group's, on a public one what everybody may have; empty for any
   * other. Must not block.
   */
  OptionalLong sizeOf(ServiceKey service, Hash hash);
}
