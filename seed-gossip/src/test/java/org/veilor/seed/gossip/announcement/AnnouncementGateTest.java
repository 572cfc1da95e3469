package org.veilor.seed.gossip.announcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.gossip.announcement.Samples.GROUP;
import static org.veilor.seed.gossip.announcement.Samples.MEMBER;
import static org.veilor.seed.gossip.announcement.Samples.ORIGIN;
import static org.veilor.seed.gossip.announcement.Samples.PUBLIC;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.announcement.GateOutcome.Accepted;
import org.veilor.seed.gossip.announcement.GateOutcome.Dropped;
import org.veilor.seed.gossip.announcement.GateOutcome.Reason;

class AnnouncementGateTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long TEN_MINUTES = AnnouncementLimits.MAX_CLOCK_DIFFERENCE_MILLIS;
  private static final GateLimits SMALL = new GateLimits(3, 4, 8, 5, 2);

  private AnnouncementGate gate = gate(GateState.NEW);

  private static AnnouncementGate gate(GateState state) {
    return new AnnouncementGate(GROUP, Set.of(ORIGIN.id()), SMALL, state, NOW);
  }

  private static byte[] signed(SecretKey key, long issued, long sequence, Body body) {
    return Announcement.sign(key, GROUP, issued, sequence, body).encode();
  }

  private static byte[] query(SecretKey key, long sequence) {
    return signed(key, NOW, sequence, Samples.query());
  }

  private static byte[] catalogue(long issued, long sequence) {
    return signed(ORIGIN, issued, sequence, Samples.catalogue(ORIGIN.id()));
  }

  private void accepts(byte[] content, long now) {
    long before = gate.accepted();
    assertThat(gate.offer(content, now))
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> assertThat(accepted.announcement().encode()).isEqualTo(content));
    assertThat(gate.accepted()).isEqualTo(before + 1);
  }

  private void drops(Reason reason, byte[] content, long now) {
    long before = gate.dropped(reason);
    GateState state = gate.state();
    assertThat(gate.offer(content, now)).isEqualTo(new Dropped(reason));
    assertThat(gate.dropped(reason)).isEqualTo(before + 1);
    assertThat(gate.state()).as("nothing is remembered of what is dropped").isEqualTo(state);
  }

  @Test
  void everyBodyOfThoseWhoMaySendItIsAccepted() {
    accepts(query(MEMBER, 1), NOW);
    accepts(signed(MEMBER, NOW, 2, new Body.Withdraw(List.of(Samples.hash(1)))), NOW);
    accepts(catalogue(NOW, 3), NOW);
    accepts(signed(ORIGIN, NOW, 4, Samples.forget(NOW + 1)), NOW);
  }

  @Test
  void originsOnlySendCataloguesAndForgets() {
    drops(Reason.NOT_ALLOWED, signed(MEMBER, NOW, 1, Samples.catalogue(MEMBER.id())), NOW);
    drops(Reason.NOT_ALLOWED, signed(MEMBER, NOW, 2, Samples.forget(NOW + 1)), NOW);
    assertThat(gate.issuers()).isZero();
  }

  @Test
  void whatIsNoAnnouncementIsDropped() {
    drops(Reason.TOO_LONG, new byte[AnnouncementLimits.MAX_BYTES + 1], NOW);
    drops(Reason.TOO_LONG, new byte[4097], NOW);
    drops(Reason.MALFORMED, new byte[0], NOW);
    drops(Reason.OTHER_VERSION, new byte[] {2, 3}, NOW);
    byte[] content = query(MEMBER, 1);
    drops(Reason.MALFORMED, java.util.Arrays.copyOf(content, content.length - 1), NOW);
    content[content.length - 1] ^= 1;
    drops(Reason.BAD_SIGNATURE, content, NOW);
  }

  @Test
  void strangersAndOtherTopicsAreDropped() {
    byte[] withoutSecret = Announcement.sign(MEMBER, PUBLIC, NOW, 1, Samples.query()).encode();
    drops(Reason.BAD_SIGNATURE, withoutSecret, NOW);
    AnnouncementGate open =
        new AnnouncementGate(PUBLIC, Set.of(), GateLimits.standard(), GateState.NEW, NOW);
    assertThat(open.offer(withoutSecret, NOW)).isInstanceOf(Accepted.class);
    assertThat(open.offer(query(MEMBER, 2), NOW)).isEqualTo(new Dropped(Reason.BAD_SIGNATURE));
  }

  @Test
  void clocksMayDifferByTenMinutes() {
    accepts(query(MEMBER, 1), NOW + TEN_MINUTES);
    accepts(query(MEMBER, 2), NOW - TEN_MINUTES);
    drops(Reason.TOO_OLD, query(MEMBER, 3), NOW + TEN_MINUTES + 1);
    drops(Reason.FROM_THE_FUTURE, query(MEMBER, 3), NOW - TEN_MINUTES - 1);
    drops(Reason.TOO_OLD, query(MEMBER, 3), NOW + 3_600_000);
    drops(Reason.FROM_THE_FUTURE, catalogue(NOW + 3_600_000, 3), NOW);
    drops(Reason.TOO_OLD, signed(MEMBER, 0, 3, Samples.query()), NOW);
    drops(Reason.FROM_THE_FUTURE, signed(MEMBER, Long.MAX_VALUE, 3, Samples.query()), NOW);
  }

  @Test
  void nothingIsAcceptedTwice() {
    byte[] first = query(MEMBER, 10);
    accepts(first, NOW);
    drops(Reason.REPLAYED, first, NOW);
    drops(Reason.REPLAYED, signed(MEMBER, NOW + 5, 10, Samples.query()), NOW);
    accepts(query(ORIGIN, 10), NOW);
  }

  @Test
  void reorderedAnnouncementsAreAcceptedOnceAndNotMuchLater() {
    accepts(query(MEMBER, 100), NOW);
    accepts(query(MEMBER, 90), NOW);
    accepts(query(MEMBER, 95), NOW);
    drops(Reason.REPLAYED, query(MEMBER, 90), NOW);
    accepts(query(MEMBER, 110), NOW); // the window of four is full: 90 and below count as seen
    drops(Reason.REPLAYED, query(MEMBER, 89), NOW);
    drops(Reason.REPLAYED, query(MEMBER, 100), NOW + 60_000);
    accepts(query(MEMBER, 99), NOW + 60_000);
  }

  @Test
  void aWindowOfOneDemandsThatSequencesGrow() {
    GateLimits strict = new GateLimits(3, 1, 8, 5, 2);
    gate = new AnnouncementGate(GROUP, Set.of(ORIGIN.id()), strict, GateState.NEW, NOW);
    accepts(query(MEMBER, 0), NOW);
    accepts(query(MEMBER, 7), NOW);
    drops(Reason.REPLAYED, query(MEMBER, 6), NOW);
    accepts(query(MEMBER, 8), NOW);
  }

  @Test
  void randomOrderAndRepetitionAcceptNothingTwice() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    GateLimits limits = new GateLimits(10, 8, 8, 10_000, 10_000);
    gate = new AnnouncementGate(GROUP, Set.of(), limits, GateState.NEW, NOW);
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      contents.add(query(MEMBER, random.nextInt(1000)));
    }
    List<Long> accepted = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      Collections.shuffle(contents, random);
      for (byte[] content : contents) {
        if (gate.offer(content, NOW) instanceof Accepted(Announcement announcement)) {
          accepted.add(announcement.sequence());
        }
      }
      gate = new AnnouncementGate(GROUP, Set.of(), limits, gate.state(), NOW); // a restart
    }
    assertThat(accepted).as("seed %d", seed).doesNotHaveDuplicates().hasSizeGreaterThan(8);
  }

  @Test
  void aRestartForgetsNothing() {
    byte[] member = query(MEMBER, 10);
    byte[] catalogue = catalogue(NOW, 20);
    byte[] forget = signed(ORIGIN, NOW, 21, Samples.forget(NOW + 1));
    accepts(member, NOW);
    accepts(catalogue, NOW);
    accepts(forget, NOW);
    GateState state = gate.state();
    gate = gate(state);
    assertThat(gate.state()).isEqualTo(state);
    drops(Reason.REPLAYED, member, NOW);
    drops(Reason.REPLAYED, catalogue, NOW);
    drops(Reason.REPLAYED, forget, NOW);
    drops(Reason.REPLAYED, catalogue(NOW, 19), NOW);
    accepts(query(MEMBER, 11), NOW);
  }

  @Test
  void aNewcomerIsToldWhatStaysTrueInAnyOrder() {
    long muchLater = NOW + 30L * 24 * 3_600_000;
    accepts(signed(ORIGIN, muchLater, 1_000, Samples.query()), muchLater);
    accepts(catalogue(NOW, 500), muchLater);
    drops(Reason.REPLAYED, catalogue(NOW - 1, 499), muchLater);
    accepts(signed(ORIGIN, NOW, 7, Samples.forget(muchLater + 1)), muchLater);
    accepts(signed(ORIGIN, NOW, 5, Samples.forget(muchLater + 1)), muchLater);
    drops(Reason.REPLAYED, signed(ORIGIN, NOW, 7, Samples.forget(muchLater + 1)), muchLater);
    drops(Reason.EXPIRED, signed(ORIGIN, NOW, 9, Samples.forget(muchLater)), muchLater);
    accepts(catalogue(NOW, 501), muchLater);
  }

  @Test
  void anIssuerOverItsRateWaits() {
    for (int i = 0; i < 5; i++) {
      accepts(query(MEMBER, i), NOW);
    }
    drops(Reason.OVER_RATE, query(MEMBER, 5), NOW);
    accepts(query(ORIGIN, 5), NOW);
    drops(Reason.OVER_RATE, query(MEMBER, 5), NOW + 499);
    accepts(query(MEMBER, 5), NOW + 500);
    drops(Reason.OVER_RATE, query(MEMBER, 6), NOW - 60_000);
    accepts(query(MEMBER, 6), NOW + 500);
    for (int i = 7; i < 12; i++) {
      accepts(query(MEMBER, i), NOW + 60_000);
    }
    drops(Reason.OVER_RATE, query(MEMBER, 12), NOW + 60_000);
  }

  @Test
  void queriesDoNotUseUpWhatOriginsMaySay() {
    for (int i = 0; i < 5; i++) {
      accepts(query(ORIGIN, i), NOW);
    }
    drops(Reason.OVER_RATE, query(ORIGIN, 5), NOW);
    accepts(catalogue(NOW, 6), NOW);
    for (int i = 1; i < AnnouncementLimits.BURST_OF_ORIGIN; i++) {
      assertThat(gate.offer(catalogue(NOW, 6 + i), NOW)).isInstanceOf(Accepted.class);
    }
    drops(Reason.OVER_RATE, catalogue(NOW, 10_000), NOW);
  }

  @Test
  void forgeriesUseUpNothing() {
    for (int i = 0; i < 50; i++) {
      byte[] forged = query(MEMBER, 1_000_000 + i);
      forged[forged.length - 40] ^= 1;
      drops(Reason.BAD_SIGNATURE, forged, NOW);
    }
    accepts(query(MEMBER, 1), NOW);
  }

  @Test
  void aCrowdOfNewIssuersDoesNotPushOutOthers() {
    accepts(query(MEMBER, 1), NOW);
    for (int i = 10; i < 13; i++) {
      accepts(query(Samples.key(i), 1), NOW); // three, and the place of the origin
    }
    for (int i = 13; i < 40; i++) {
      drops(Reason.TOO_MANY_ISSUERS, query(Samples.key(i), 1), NOW);
    }
    drops(Reason.REPLAYED, query(MEMBER, 1), NOW);
    accepts(query(MEMBER, 2), NOW);
    accepts(query(ORIGIN, 1), NOW);
    assertThat(gate.issuers()).isEqualTo(5);
  }

  @Test
  void issuersAreForgottenWhenNothingOfThemCanComeBack() {
    byte[] old = query(MEMBER, 1);
    accepts(old, NOW);
    accepts(catalogue(NOW, 1), NOW);
    accepts(query(Samples.key(10), 1), NOW);
    accepts(query(Samples.key(11), 1), NOW);
    long later = NOW + TEN_MINUTES;
    drops(Reason.TOO_MANY_ISSUERS, signed(Samples.key(12), later, 1, Samples.query()), later);
    byte[] next = signed(Samples.key(12), later, 1, Samples.query());
    drops(Reason.TOO_MANY_ISSUERS, next, later + 1); // looked for room a millisecond ago
    assertThat(gate.offer(next, later + 1000)).isInstanceOf(Accepted.class);
    assertThat(gate.issuers()).as("the new one and the origin").isEqualTo(2);
    drops(Reason.TOO_OLD, old, later + 1000);
    drops(Reason.REPLAYED, catalogue(NOW, 1), later + 1000);
  }

  @Test
  void aMillionForgeriesWouldTakeNoMemory() {
    for (int i = 0; i < 300; i++) {
      byte[] forged = query(Samples.key(100 + i), i);
      forged[40] ^= 1;
      assertThat(gate.offer(forged, NOW)).isInstanceOf(Dropped.class);
    }
    assertThat(gate.issuers()).isZero();
  }
}
