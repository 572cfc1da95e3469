package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.announcement.Body;

/**
 * What an origin's announcement says of its catalogue.
 *
 * @param root hash of the hash sequence
 * @param generation as in the header
 * @param entries as in the header
 * @param totalBytes as in the header
 */
public record CatalogueClaim(Hash root, long generation, long entries, long totalBytes) {
  /** What an announcement says. */
  public static CatalogueClaim of(Body.Catalogue body) {
    return new CatalogueClaim(body.root(), body.generation(), body.entries(), body.sizeBytes());
  }

  /** The body of an announcement that says it. */
  public Body.Catalogue toBody(EndpointAddr addr) {
    return new Body.Catalogue(root, generation, entries, totalBytes, addr);
  }
}
