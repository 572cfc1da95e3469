package org.veilor.seed.gossip.catalogue;

import java.util.List;
import org.veilor.seed.core.blob.HashSequence;
import org.veilor.seed.core.hash.Hash;

/**
 * A catalogue that was built, and how it differs from the one that the same builder built before.
 *
 * @param rootHash names the catalogue
 * @param root hash of the header, hashes of the pages
 * @param changedPages pages that were given to the sink
 * @param droppedPages pages of the catalogue before it that this one has not
 */
public record BuiltCatalogue(
    Hash rootHash,
    HashSequence root,
    CatalogueHeader header,
    List<Hash> changedPages,
    List<Hash> droppedPages) {
  /** Copies the lists. */
  public BuiltCatalogue {
    changedPages = List.copyOf(changedPages);
    droppedPages = List.copyOf(droppedPages);
  }

  /** What is to be announced. */
  public CatalogueClaim claim() {
    return new CatalogueClaim(rootHash, header.generation(), header.entries(), header.totalBytes());
  }
}
