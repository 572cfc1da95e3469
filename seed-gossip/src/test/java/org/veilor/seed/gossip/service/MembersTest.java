package org.veilor.seed.gossip.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.gossip.service.Members.Member;

class MembersTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long DAY = ServiceLimits.MEMBERSHIP_MILLIS;
  private static final TopicId GROUP = topic(1);
  private static final TopicId OTHER = topic(2);

  private final Members members = new Members(3, List.of());

  private static TopicId topic(int first) {
    byte[] bytes = new byte[TopicId.LENGTH];
    bytes[0] = (byte) first;
    return TopicId.of(bytes);
  }

  private static EndpointId id(int number) {
    byte[] seed = new byte[SecretKey.LENGTH];
    seed[0] = (byte) number;
    return SecretKey.of(seed).id();
  }

  @Test
  void aMemberIsOneForADayAndInItsGroupOnly() {
    assertThat(members.isMember(GROUP, id(1), NOW)).isFalse();
    members.proved(GROUP, id(1), NOW);
    assertThat(members.isMember(GROUP, id(1), NOW)).isTrue();
    assertThat(members.isMember(OTHER, id(1), NOW)).isFalse();
    assertThat(members.isMember(GROUP, id(2), NOW)).isFalse();
    assertThat(members.isMember(GROUP, id(1), NOW + DAY - 1)).isTrue();
    assertThat(members.isMember(GROUP, id(1), NOW + DAY)).isFalse();
    members.proved(GROUP, id(1), NOW + DAY);
    assertThat(members.isMember(GROUP, id(1), NOW + 2 * DAY - 1)).isTrue();
  }

  @Test
  void aClockThatWasSetBackEndsNothing() {
    members.proved(GROUP, id(1), NOW);
    assertThat(members.isMember(GROUP, id(1), NOW - 3_600_000)).isTrue();
    assertThat(members.isMember(GROUP, id(1), NOW - DAY)).isFalse();
  }

  @Test
  void whoeverProvedItLongestAgoIsForgottenFirst() {
    for (int i = 1; i <= 3; i++) {
      members.proved(GROUP, id(i), NOW + i);
    }
    members.proved(GROUP, id(1), NOW + 4);
    members.proved(GROUP, id(4), NOW + 5);
    assertThat(members.members(NOW + 5))
        .extracting(Member::endpoint)
        .containsExactly(id(3), id(1), id(4));
    assertThat(members.isMember(GROUP, id(2), NOW + 5)).isFalse();
  }

  @Test
  void aRestartForgetsNothingThatIsInForce() {
    members.proved(GROUP, id(1), NOW);
    members.proved(OTHER, id(1), NOW + 10);
    List<Member> kept = members.members(NOW + 20);
    Members restored = new Members(3, kept);
    assertThat(restored.members(NOW + 20)).isEqualTo(kept).hasSize(2);
    assertThat(restored.members(NOW + DAY)).containsExactly(new Member(OTHER, id(1), NOW + 10));
  }

  @Test
  void aGroupThatIsLeftHasNoMembers() {
    members.proved(GROUP, id(1), NOW);
    members.proved(OTHER, id(1), NOW);
    members.forget(GROUP);
    assertThat(members.isMember(GROUP, id(1), NOW)).isFalse();
    assertThat(members.isMember(OTHER, id(1), NOW)).isTrue();
  }
}
