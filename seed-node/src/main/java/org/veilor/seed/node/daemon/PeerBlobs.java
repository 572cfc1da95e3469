package org.veilor.seed.node.daemon;

import org.veilor.seed.core.blob.BlobCatalog;
import org.veilor.seed.core.identity.EndpointId;

/** What each peer may be given. */
@FunctionalInterface
public interface PeerBlobs {
  /** The blobs for a peer, who has proved its id; asked once for each connection. */
  BlobCatalog forPeer(EndpointId peer);
}
