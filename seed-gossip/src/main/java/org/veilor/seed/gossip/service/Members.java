package org.veilor.seed.gossip.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.TopicId;

/**
 * Who is a member of which group, as far as is known: an endpoint counts as one for {@link
 * ServiceLimits#MEMBERSHIP_MILLIS} since it last proved it, by a proof over a connection or by an
 * announcement that was accepted. When too many are known, whoever proved it longest ago is
 * forgotten, and has to prove it again. One thread may use it at a time.
 */
public final class Members {
  /**
   * An endpoint that proved that it is in a group.
   *
   * @param provedAtMillis since 1970
   */
  public record Member(TopicId group, EndpointId endpoint, long provedAtMillis) {}

  private record Key(TopicId group, EndpointId endpoint) {}

  /** In the order of the proofs. */
  private final LinkedHashMap<Key, Long> provedAtMillis = new LinkedHashMap<>();

  private final int max;

  /**
   * Creates the memory.
   *
   * @param max members of all groups together, {@link ServiceLimits#MAX_MEMBERS} as a rule
   * @param restored what {@link #members} said before a restart
   */
  public Members(int max, List<Member> restored) {
    this.max = max;
    restored.forEach(member -> proved(member.group(), member.endpoint(), member.provedAtMillis()));
  }

  /** An endpoint has just proved that it is in a group. */
  public void proved(TopicId group, EndpointId endpoint, long nowMillis) {
    Key key = new Key(group, endpoint);
    provedAtMillis.remove(key);
    provedAtMillis.put(key, nowMillis);
    if (provedAtMillis.size() > max) {
      provedAtMillis.pollFirstEntry();
    }
  }

  /** Whether an endpoint is known to be in a group. */
  public boolean isMember(TopicId group, EndpointId endpoint, long nowMillis) {
    Long proved = provedAtMillis.get(new Key(group, endpoint));
    return proved != null && isInForce(proved, nowMillis);
  }

  /** When an endpoint last proved it, or -1. */
  public long provedAtMillis(TopicId group, EndpointId endpoint) {
    return provedAtMillis.getOrDefault(new Key(group, endpoint), -1L);
  }

  /** A clock that was set back ends no membership, and prolongs none beyond twice its time. */
  private static boolean isInForce(long provedAtMillis, long nowMillis) {
    return Math.abs(nowMillis - provedAtMillis) < ServiceLimits.MEMBERSHIP_MILLIS;
  }

  /** A group is left, or its secret was changed. */
  public void forget(TopicId group) {
    provedAtMillis.keySet().removeIf(key -> key.group().equals(group));
  }

  /** All whose membership is in force, in the order of their proofs; the others are forgotten. */
  public List<Member> members(long nowMillis) {
    provedAtMillis.values().removeIf(proved -> !isInForce(proved, nowMillis));
    return provedAtMillis.entrySet().stream().map(Members::member).toList();
  }

  private static Member member(Map.Entry<Key, Long> entry) {
    return new Member(entry.getKey().group(), entry.getKey().endpoint(), entry.getValue());
  }
}
