package org.veilor.seed.node.announce;

import java.util.OptionalLong;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;

/** What this node could give to those in a service's topic. */
@FunctionalInterface
public interface Holdings {
  /**
   * The size of a blob that is here whole, verified, and may be given now to each member of the
   * service, of a public one to everybody; empty for any other. Must not block.
   */
  OptionalLong sizeOf(ServiceKey service, Hash hash);
}
