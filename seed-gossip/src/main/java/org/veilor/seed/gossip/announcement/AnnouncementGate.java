package org.veilor.seed.gossip.announcement;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.announcement.GateOutcome.Accepted;
import org.veilor.seed.gossip.announcement.GateOutcome.Dropped;
import org.veilor.seed.gossip.announcement.GateOutcome.Reason;
import org.veilor.seed.gossip.service.ServiceKey;

/**
 * Decides which messages of one service's topic are believed: a function of what it remembers, the
 * bytes, and the time.
 *
 * <p>The signature is checked last, because it costs ten times all the rest, and nothing is
 * remembered and no rate used up before it is good: a forger cannot silence anybody. An issuer is
 * forgotten only when all it said is too old to be accepted again, so being forgotten opens no door
 * to replays; when too many issuers are remembered, new ones have to wait, and those who were there
 * before are heard. Origins always are.
 *
 * <p>A Catalogue and a Forget stay true until they are superseded, and every node passes them on to
 * newcomers as they are: they may be old, and their sequences count by kind. One thread may use a
 * gate at a time.
 */
public final class AnnouncementGate {
  /** How often a full memory is searched for issuers to forget. */
  private static final long SEARCH_MILLIS = 1000;

  private final ServiceKey service;
  private final Set<EndpointId> origins;
  private final GateLimits limits;
  private final Map<EndpointId, IssuerMemory> issuers = new HashMap<>();
  private final Map<Reason, Long> dropped = new EnumMap<>(Reason.class);
  private long accepted;
  private long nextSearchMillis = Long.MIN_VALUE;

  /**
   * Creates a gate.
   *
   * @param origins who may send catalogues and Forgets
   * @param state of the gate before, or {@link GateState#NEW}
   */
  public AnnouncementGate(
      ServiceKey service,
      Set<EndpointId> origins,
      GateLimits limits,
      GateState state,
      long nowMillis) {
    this.service = service;
    this.origins = Set.copyOf(origins);
    this.limits = limits;
    for (GateState.Issuer issuer : state.issuers()) {
      issuers.put(issuer.id(), new IssuerMemory(issuer, limits, nowMillis));
    }
  }

  /**
   * Decides about the content of a gossip message.
   *
   * @param nowMillis since 1970
   */
  public GateOutcome offer(byte[] content, long nowMillis) {
    GateOutcome outcome = decide(content, nowMillis);
    switch (outcome) {
      case Accepted _ -> accepted++;
      case Dropped(Reason reason) -> dropped.merge(reason, 1L, Long::sum);
    }
    return outcome;
  }

  private GateOutcome decide(byte[] content, long nowMillis) {
    if (content.length > AnnouncementLimits.MAX_BYTES) {
      return new Dropped(Reason.TOO_LONG);
    }
    if (Announcement.isOfOtherVersion(content)) {
      return new Dropped(Reason.OTHER_VERSION);
    }
    Announcement announcement;
    try {
      announcement = Announcement.decode(content);
    } catch (MalformedException _) {
      return new Dropped(Reason.MALFORMED);
    }
    IssuerMemory issuer = issuers.get(announcement.issuer());
    Reason reason = untimely(announcement, nowMillis);
    if (reason == null) {
      reason = notWanted(announcement, issuer, nowMillis);
    }
    if (reason == null && !announcement.verify(service)) {
      reason = Reason.BAD_SIGNATURE;
    }
    if (reason != null) {
      return new Dropped(reason);
    }
    issuers
        .computeIfAbsent(announcement.issuer(), id -> IssuerMemory.ofNew(id, limits, nowMillis))
        .accept(announcement);
    return new Accepted(announcement);
  }

  private static @Nullable Reason untimely(Announcement announcement, long nowMillis) {
    long age = nowMillis - announcement.issuedAtMillis();
    if (age < -AnnouncementLimits.MAX_CLOCK_DIFFERENCE_MILLIS) {
      return Reason.FROM_THE_FUTURE;
    }
    if (age > AnnouncementLimits.MAX_CLOCK_DIFFERENCE_MILLIS && !announcement.body().isOfOrigin()) {
      return Reason.TOO_OLD;
    }
    boolean expired =
        announcement.body() instanceof Body.Forget forget && forget.untilMillis() <= nowMillis;
    return expired ? Reason.EXPIRED : null;
  }

  private @Nullable Reason notWanted(
      Announcement announcement, @Nullable IssuerMemory issuer, long nowMillis) {
    boolean isOrigin = origins.contains(announcement.issuer());
    if (announcement.body().isOfOrigin() && !isOrigin) {
      return Reason.NOT_ALLOWED;
    }
    if (issuer == null) {
      return isOrigin || hasRoom(nowMillis) ? null : Reason.TOO_MANY_ISSUERS;
    }
    if (issuer.isReplay(announcement)) {
      return Reason.REPLAYED;
    }
    return issuer.isOverRate(announcement.body(), nowMillis) ? Reason.OVER_RATE : null;
  }

  private boolean hasRoom(long nowMillis) {
    int max = limits.maxIssuers() + origins.size();
    if (issuers.size() >= max && nowMillis >= nextSearchMillis) {
      nextSearchMillis = nowMillis + SEARCH_MILLIS;
      issuers
          .entrySet()
          .removeIf(entry ->
              !origins.contains(entry.getKey()) && entry.getValue().isForgettable(nowMillis));
    }
    return issuers.size() < max;
  }

  /** What is to be remembered over a restart. */
  public GateState state() {
    List<GateState.Issuer> out =
        issuers.entrySet().stream().map(entry -> entry.getValue().export(entry.getKey())).toList();
    return new GateState(out);
  }

  /** How many announcements were accepted. */
  public long accepted() {
    return accepted;
  }

  /** How many messages were dropped for a reason. */
  public long dropped(Reason reason) {
    return dropped.getOrDefault(reason, 0L);
  }

  /** How many issuers are remembered. */
  public int issuers() {
    return issuers.size();
  }
}
