package org.veilor.seed.node.download;

import java.util.List;
import org.veilor.seed.core.hash.Hash;

/** Who may have a blob: tickets now, announcements later. */
@FunctionalInterface
public interface BlobProviders {
  /** Nobody is known. */
  BlobProviders NONE = hash -> List.of();

  /** The peers to ask, the best first. Must not block. Called again while a download goes on. */
  List<Provider> find(Hash hash);
}
