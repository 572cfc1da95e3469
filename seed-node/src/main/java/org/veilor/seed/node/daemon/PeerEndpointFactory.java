package org.veilor.seed.node.daemon;

import java.util.function.BiConsumer;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.node.config.Config;
import org.veilor.seed.node.membership.Groups;

/** Opens the network side. */
@FunctionalInterface
public interface PeerEndpointFactory {
  /**
   * What an endpoint needs.
   *
   * @param settings its UDP addresses, port 0 meaning any, and where its qlog goes
   * @param blobs what peers may be given
   * @param groups that are proved to others, and by others
   * @param wrongContent to be told when bytes of a blob turn out not to belong to it, with the
   *     reason
   */
  record Request(
      SecretKey key,
      Config.Endpoint settings,
      PeerBlobs blobs,
      Groups groups,
      BiConsumer<Hash, String> wrongContent,
      Config.Limits limits) {}

  /**
   * Opens the endpoint, ready for peers.
   *
   * @throws NodeException where an address cannot be used; the message names the cure
   */
  PeerEndpoint open(Request request) throws NodeException;
}
