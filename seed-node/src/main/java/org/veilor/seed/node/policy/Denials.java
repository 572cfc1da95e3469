package org.veilor.seed.node.policy;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** Which blobs may be neither served nor fetched. */
@FunctionalInterface
public interface Denials {
  /** Every blob may be. */
  Denials NONE = hash -> null;

  /** Why a blob may not be, as a sentence without its end; null if it may. Must not block. */
  @Nullable String denied(Hash hash);
}
