package org.veilor.seed.node.catalogue;

import java.util.concurrent.CompletableFuture;
import org.veilor.seed.gossip.announcement.Announcement;
import org.veilor.seed.gossip.announcement.Body;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * Speaks in services in two steps. What is to stay true is kept between them: were it told first, a
 * kill could leave others with a word that its own issuer does not know of.
 */
public interface Speaker {
  /**
   * Signs what is to be said in a service.
   *
   * @return fails with IllegalStateException if this node is not in it
   */
  CompletableFuture<Announcement> sign(String service, Body body);

  /** Tells others what was signed for this service. */
  void tell(ServiceKey service, Announcement signed);
}
