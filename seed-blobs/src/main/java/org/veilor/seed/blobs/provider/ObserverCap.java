package org.veilor.seed.blobs.provider;

import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.blobs.protocol.Request;

/** Limits the observe streams of one connection, which never end by themselves. */
public final class ObserverCap implements ProviderPolicy {
  private final ProviderPolicy next;
  private int observers;

  /**
   * Creates the policy of one connection.
   *
   * @param next decides on what is below the limit
   */
  public ObserverCap(ProviderPolicy next) {
    this.next = next;
  }

  @Override
  public Decision decide(Request request) {
    boolean isObserve = request instanceof Request.Observe;
    if (isObserve && observers >= BlobsLimits.MAX_OBSERVERS_PER_CONNECTION) {
      return Decision.REFUSE_LIMIT;
    }
    Decision decision = next.decide(request);
    if (isObserve && decision == Decision.ADMIT) {
      observers++;
    }
    return decision;
  }

  @Override
  public void ended(Request request) {
    if (request instanceof Request.Observe) {
      observers--;
    }
    next.ended(request);
  }
}
