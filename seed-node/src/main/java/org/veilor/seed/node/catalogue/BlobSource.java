package org.veilor.seed.node.catalogue;

import java.io.IOException;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.gossip.service.ServiceKey;

/** Where the blobs of other nodes' catalogues come from. */
@FunctionalInterface
public interface BlobSource {
  /** The blobs of one catalogue. Any thread. */
  @FunctionalInterface
  interface Session {
    /**
     * Waits for a blob, whose hash is verified.
     *
     * @throws BlobTooLargeException if it has more bytes; they are not fetched
     * @throws IOException if nobody gives it now
     */
    byte[] fetch(Hash hash, int maxBytes) throws IOException;
  }

  /**
   * Begins.
   *
   * @param service whose catalogue it is
   * @param root whoever has it has all of the catalogue
   * @param issuer who has it in any case, and may be away
   */
  Session of(ServiceKey service, Hash root, EndpointAddr issuer);
}
