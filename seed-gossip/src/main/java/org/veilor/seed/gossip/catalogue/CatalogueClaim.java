package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;

/**
 * What an origin's announcement says of its catalogue.
 *
 * @param root hash of the hash sequence
 * @param generation as in the header
 * @param entries as in the header
 * @param totalBytes as in the header
 */
public record CatalogueClaim(Hash root, long generation, long entries, long totalBytes) {}
