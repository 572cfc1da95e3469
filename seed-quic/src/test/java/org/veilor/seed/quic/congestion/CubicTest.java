package org.veilor.seed.quic.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.recovery.RttEstimator;

/** Rules of RFC 9438, RFC 9406 and RFC 9002 §7, one by one. */
class CubicTest {
  private static final int MTU = 1200;
  private static final long MS = 1_000_000L;
  private final RttEstimator rtt = new RttEstimator();
  private final Cubic cubic = new Cubic(MTU);
  private long now = 5 * MS;

  private void ackWindow(long rttNanos) {
    long sent = now;
    long bytes = cubic.windowBytes();
    for (long i = 0; i < bytes / MTU; i++) {
      cubic.onPacketSent(MTU, sent);
    }
    now += rttNanos;
    rtt.update(rttNanos, 0, true, 0);
    for (long i = 0; i < bytes / MTU; i++) {
      cubic.onAcked(MTU, sent, false, rtt, now + i * 1000);
    }
    now += bytes / MTU * 1000;
  }

  @Test
  void initialWindows() {
    assertThat(new Cubic(1200).windowBytes()).isEqualTo(12_000);
    assertThat(new Cubic(1452).windowBytes()).isEqualTo(14_520);
    assertThat(new Cubic(1500).windowBytes()).isEqualTo(14_720);
    assertThat(new Cubic(9000).windowBytes()).isEqualTo(18_000);
  }

  @Test
  void slowStartDoublesPerRoundTrip() {
    ackWindow(50 * MS);
    assertThat(cubic.windowBytes()).isEqualTo(24_000);
    ackWindow(50 * MS);
    assertThat(cubic.windowBytes()).isEqualTo(48_000);
    assertThat(cubic.inSlowStart()).isTrue();
  }

  @Test
  void anUnusedWindowDoesNotGrow() {
    rtt.update(50 * MS, 0, true, 0);
    for (int i = 0; i < 100; i++) {
      cubic.onAcked(MTU, now, true, rtt, now + 50 * MS);
      now += MS;
    }
    assertThat(cubic.windowBytes()).isEqualTo(12_000);
  }

  @Test
  void lossReducesToSeventyPercentOncePerRoundTrip() {
    ackWindow(50 * MS);
    long sent = now - 10 * MS;
    cubic.onLoss(MTU, sent, false, now);
    assertThat(cubic.windowBytes()).isEqualTo(16_800);
    assertThat(cubic.inSlowStart()).isFalse();
    cubic.onLoss(MTU, sent + MS, false, now + MS);
    assertThat(cubic.windowBytes()).isEqualTo(16_800);
    cubic.onLoss(MTU, now + 2 * MS, false, now + 60 * MS);
    assertThat(cubic.windowBytes()).isEqualTo(11_760);
  }

  @Test
  void acknowledgementsOfOldPacketsDoNotGrowTheWindowInRecovery() {
    ackWindow(50 * MS);
    cubic.onLoss(MTU, now - 10 * MS, false, now);
    long window = cubic.windowBytes();
    cubic.onAcked(MTU, now - 5 * MS, false, rtt, now + MS);
    assertThat(cubic.windowBytes()).isEqualTo(window);
  }

  @Test
  void theWindowIsNeverBelowTwoPackets() {
    for (int i = 0; i < 50; i++) {
      now += 100 * MS;
      cubic.onLoss(MTU, now - MS, false, now);
    }
    assertThat(cubic.windowBytes()).isEqualTo(2 * MTU);
  }

  @Test
  void persistentCongestionCollapsesTheWindowAndSlowStartLeadsBack() {
    ackWindow(50 * MS);
    ackWindow(50 * MS);
    cubic.onLoss(MTU, now - MS, true, now);
    assertThat(cubic.windowBytes()).isEqualTo(2 * MTU);
    assertThat(cubic.inSlowStart()).isTrue();
    now += MS;
    ackWindow(50 * MS);
    assertThat(cubic.windowBytes()).isEqualTo(4 * MTU);
    for (int i = 0; i < 4; i++) {
      ackWindow(50 * MS);
    }
    assertThat(cubic.inSlowStart()).isFalse();
    cubic.onSpuriousLoss();
    assertThat(cubic.windowBytes()).as("a collapse is not taken back").isLessThan(40_000);
  }

  @Test
  void aSpuriousLossIsTakenBackOnce() {
    ackWindow(50 * MS);
    ackWindow(50 * MS);
    long before = cubic.windowBytes();
    cubic.onLoss(MTU, now - MS, false, now);
    cubic.onSpuriousLoss();
    assertThat(cubic.windowBytes()).isEqualTo(before);
    assertThat(cubic.inSlowStart()).isTrue();
    cubic.onLoss(MTU, now + MS, false, now + 50 * MS);
    long reduced = cubic.windowBytes();
    assertThat(reduced).isLessThan(before);
    cubic.onSpuriousLoss();
    cubic.onSpuriousLoss();
    assertThat(cubic.windowBytes()).isEqualTo(before);
  }

  @Test
  void aRecoveryThatWasSpuriousEndsAtOnce() {
    ackWindow(50 * MS);
    long before = cubic.windowBytes();
    cubic.onLoss(MTU, now - MS, false, now);
    cubic.onSpuriousLoss();
    cubic.onAcked(MTU, now - MS, false, rtt, now + MS); // sent before the loss was believed
    assertThat(cubic.windowBytes()).isGreaterThan(before);
  }

  @Test
  void returnsToTheOldWindowAfterKSeconds() {
    for (int i = 0; i < 7; i++) {
      ackWindow(100 * MS);
    }
    long maximum = cubic.windowBytes();
    cubic.onLoss(MTU, now - MS, false, now);
    now += MS;
    long start = now;
    // RFC 9438 §4.2: K = cbrt(W_max * (1 - beta) / C), in segments and seconds.
    double k = Math.cbrt(maximum / (double) MTU * 0.3 / 0.4);
    assertThat(k).isGreaterThan(8.0);
    while (now - start < k * 1e9) {
      ackWindow(100 * MS);
    }
    assertThat((double) cubic.windowBytes())
        .isCloseTo((double) maximum, Percentage.withPercentage(2));
    while (now - start < (k + 3) * 1e9) {
      ackWindow(100 * MS);
    }
    double expected = maximum + 0.4 * 27 * MTU;
    assertThat((double) cubic.windowBytes()).isCloseTo(expected, Percentage.withPercentage(2));
  }

  @Test
  void fastConvergenceRemembersLessThanWasReached() {
    for (int i = 0; i < 7; i++) {
      ackWindow(100 * MS);
    }
    cubic.onLoss(MTU, now - MS, false, now);
    now += MS;
    ackWindow(100 * MS);
    double second = cubic.windowBytes();
    cubic.onLoss(MTU, now - MS, false, now);
    now += MS;
    double maximum = second * 0.85;
    double k = Math.cbrt((maximum - 0.7 * second) / MTU / 0.4);
    long start = now;
    while (now - start < k * 1e9) {
      ackWindow(100 * MS);
    }
    assertThat((double) cubic.windowBytes()).isCloseTo(maximum, Percentage.withPercentage(2));
  }

  @Test
  void growsLikeRenoWhenTheWindowIsSmall() {
    cubic.onLoss(MTU, now - MS, false, now);
    now += MS;
    assertThat(cubic.windowBytes()).isEqualTo(8_400);
    for (int i = 0; i < 20; i++) {
      ackWindow(10 * MS);
    }
    // 0.53 packets per round trip up to 10 packets, then one packet per round trip.
    assertThat(cubic.windowBytes() / MTU).isBetween(19L, 23L);
  }

  @Test
  void idleTimeIsNoTimeToGrow() {
    for (int i = 0; i < 7; i++) {
      ackWindow(100 * MS);
    }
    cubic.onLoss(MTU, now - MS, false, now);
    now += MS;
    ackWindow(100 * MS);
    double before = cubic.windowBytes();
    now += 60_000 * MS;
    ackWindow(100 * MS);
    assertThat((double) cubic.windowBytes()).isCloseTo(before, Percentage.withPercentage(5));
  }

  @Test
  void aRisingRoundTripTimeEndsSlowStart() {
    ackWindow(50 * MS);
    ackWindow(50 * MS);
    ackWindow(60 * MS);
    long atRise = cubic.windowBytes();
    for (int i = 0; i < 5; i++) {
      ackWindow(60 * MS);
    }
    // Five conservative rounds grow by a quarter each (RFC 9406 §4.2), then congestion avoidance.
    ackWindow(60 * MS);
    assertThat(cubic.inSlowStart()).isFalse();
    assertThat((double) cubic.windowBytes()).isLessThan(atRise * Math.pow(1.25, 6) * 1.05);
  }

  @Test
  void aSpikeThatPassesResumesSlowStart() {
    ackWindow(50 * MS);
    ackWindow(50 * MS);
    ackWindow(60 * MS);
    for (int i = 0; i < 3; i++) {
      ackWindow(50 * MS);
    }
    long window = cubic.windowBytes();
    ackWindow(50 * MS);
    assertThat(cubic.inSlowStart()).isTrue();
    assertThat((double) cubic.windowBytes()).isCloseTo(2.0 * window, Offset.offset(2.0 * MTU));
  }

  @Test
  void aSmallerDatagramKeepsTheWindowAndALargerRaisesTheFloor() {
    for (int i = 0; i < 50; i++) {
      now += 100 * MS;
      cubic.onLoss(MTU, now - MS, false, now);
    }
    cubic.onMtu(1452);
    assertThat(cubic.windowBytes()).isEqualTo(2 * 1452);
    cubic.onMtu(1200);
    assertThat(cubic.windowBytes()).isEqualTo(2 * 1452);
  }
}
