package org.veilor.seed.gossip.catalogue;

/** How one entry differs between two catalogues. */
public sealed interface CatalogueChange {
  /** Only the later one has it. */
  record Added(CatalogueItem item) implements CatalogueChange {}

  /** Only the earlier one has it. */
  record Removed(CatalogueItem item) implements CatalogueChange {}

  /** Both have the key, with different entries. */
  record Changed(CatalogueItem before, CatalogueItem after) implements CatalogueChange {}
}
