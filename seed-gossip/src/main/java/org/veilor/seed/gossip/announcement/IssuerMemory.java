package org.veilor.seed.gossip.announcement;

import org.veilor.seed.core.identity.EndpointId;

/**
 * What a gate knows of an issuer. Catalogues and Forgets have memories of their own, because they
 * come late, in any order, and by way of others: had they one with the rest, a node that joins
 * would take the newest announcement and refuse all that it needs.
 */
final class IssuerMemory {
  private final SequenceWindow sequences;
  private final SequenceWindow forgets;
  private final TokenBucket rate;
  private final TokenBucket rateOfOrigin;
  private long lastCatalogue;
  private long latestIssuedAtMillis;

  IssuerMemory(GateState.Issuer restored, GateLimits limits, long nowMillis) {
    sequences = new SequenceWindow(limits.rememberedSequences(), restored.sequences());
    forgets = new SequenceWindow(limits.rememberedForgets(), restored.forgets());
    lastCatalogue = restored.lastCatalogue();
    latestIssuedAtMillis = restored.latestIssuedAtMillis();
    rate = new TokenBucket(limits.burst(), limits.perSecond(), nowMillis);
    rateOfOrigin =
        new TokenBucket(
            AnnouncementLimits.BURST_OF_ORIGIN, AnnouncementLimits.PER_SECOND_OF_ORIGIN, nowMillis);
  }

  static IssuerMemory ofNew(EndpointId id, GateLimits limits, long nowMillis) {
    GateState.Sequences none = GateState.Sequences.NONE;
    return new IssuerMemory(new GateState.Issuer(id, 0, none, -1, none), limits, nowMillis);
  }

  boolean isReplay(Announcement announcement) {
    long sequence = announcement.sequence();
    return switch (announcement.body()) {
      case Body.Catalogue _ -> sequence <= lastCatalogue;
      case Body.Forget _ -> forgets.isSeen(sequence);
      case Body.Provide _, Body.Withdraw _, Body.Query _ -> sequences.isSeen(sequence);
    };
  }

  boolean isOverRate(Body body, long nowMillis) {
    return bucket(body).isEmpty(nowMillis);
  }

  private TokenBucket bucket(Body body) {
    return body.isOfOrigin() ? rateOfOrigin : rate;
  }

  void accept(Announcement announcement) {
    bucket(announcement.body()).take();
    latestIssuedAtMillis = Math.max(latestIssuedAtMillis, announcement.issuedAtMillis());
    switch (announcement.body()) {
      case Body.Catalogue _ -> lastCatalogue = announcement.sequence();
      case Body.Forget _ -> forgets.add(announcement.sequence());
      case Body.Provide _, Body.Withdraw _, Body.Query _ -> sequences.add(announcement.sequence());
    }
  }

  /** Whether everything it ever said is too old to be accepted again. */
  boolean isForgettable(long nowMillis) {
    return latestIssuedAtMillis < nowMillis - AnnouncementLimits.MAX_CLOCK_DIFFERENCE_MILLIS;
  }

  GateState.Issuer export(EndpointId id) {
    return new GateState.Issuer(
        id, latestIssuedAtMillis, sequences.export(), lastCatalogue, forgets.export());
  }
}
