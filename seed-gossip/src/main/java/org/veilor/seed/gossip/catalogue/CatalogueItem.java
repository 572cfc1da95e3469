package org.veilor.seed.gossip.catalogue;

import java.util.Optional;

/**
 * An entry and the path or, where names are hidden, only the key that it stands under.
 *
 * @param path present in catalogues with clear names
 */
public record CatalogueItem(LookupKey key, CatalogueEntry entry, Optional<CataloguePath> path) {}
