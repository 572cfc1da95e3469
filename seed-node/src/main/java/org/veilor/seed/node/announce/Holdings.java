package org.veilor.seed.node.announce;

import java.util.OptionalLong;
import org.veilor.seed.core.hash.Hash;

/** What this node could give to whoever asks. */
@FunctionalInterface
public interface Holdings {
  /**
   * The size of a blob that is here whole, verified, and may be given to everybody now; empty for
   * any other. Must not block.
   */
  OptionalLong sizeOf(Hash hash);
}
