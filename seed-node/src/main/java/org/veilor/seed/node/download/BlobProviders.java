package org.veilor.seed.node.download;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.hash.Hash;

/** Who may have a blob: tickets now, announcements later. */
@FunctionalInterface
public interface BlobProviders {
  /** Nobody is known. */
  BlobProviders NONE = hash -> List.of();

  /** The peers to ask, the best first. Must not block. Called again while a download goes on. */
  List<Provider> find(Hash hash);

  /** Why this node does not fetch a blob at all, as a sentence; null if it does. */
  default @Nullable String refused(Hash hash) {
    return null;
  }
}
