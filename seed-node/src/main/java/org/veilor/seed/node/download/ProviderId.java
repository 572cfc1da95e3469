package org.veilor.seed.node.download;

import org.veilor.seed.core.address.EndpointAddr;

/**
 * Names a provider in logs, scores and failures.
 *
 * @param name the endpoint id as text, or the URL of an HTTP origin
 */
public record ProviderId(String name) {
  /** The id of a peer. */
  public static ProviderId of(EndpointAddr addr) {
    return new ProviderId(addr.id().toString());
  }

  @Override
  public String toString() {
    return name;
  }
}
