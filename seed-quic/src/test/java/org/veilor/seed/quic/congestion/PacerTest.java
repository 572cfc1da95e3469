package org.veilor.seed.quic.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final int MTU = 1200;
  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  /** Sends as fast as the pacer allows; returns bytes per second and checks the trains. */
  private static double rate(Pacer pacer, long rtt, long window, long lateNanos, int minTrain) {
    long now = 0;
    long sent = 0;
    int train = 0;
    while (now < 10 * SECOND) {
      long delay = pacer.delayNanos(rtt, window, MTU, now);
      if (delay == 0) {
        pacer.onSent(MTU, now);
        sent += MTU;
        train++;
      } else {
        assertThat(train).as("packets per train").isGreaterThanOrEqualTo(minTrain);
        train = 0;
        now += delay + lateNanos;
      }
    }
    return sent / 10.0;
  }

  @Test
  void pacesAtOneAndAQuarterWindowPerRoundTripInTrains() {
    // 50 ms, 600 kB: 15 MB/s, of which 2 ms are 25 packets.
    double rate = rate(new Pacer(MTU), 50 * MS, 600_000, 0, 24);
    assertThat(rate).isCloseTo(1.25 * 600_000 / 0.05, Percentage.withPercentage(1));
  }

  @Test
  void slowLinksStillSendTenPacketsAtOnce() {
    double rate = rate(new Pacer(MTU), 100 * MS, 24_000, 0, 9);
    assertThat(rate).isCloseTo(1.25 * 24_000 / 0.1, Percentage.withPercentage(5));
  }

  @Test
  void slowStartPacesTwiceTheWindow() {
    Pacer pacer = new Pacer(MTU);
    pacer.setInSlowStart(true);
    assertThat(rate(pacer, 50 * MS, 600_000, 0, 24))
        .isCloseTo(2 * 600_000 / 0.05, Percentage.withPercentage(1));
  }

  @Test
  void timersThatFireALittleLateCostNoThroughput() {
    double rate = rate(new Pacer(MTU), 50 * MS, 600_000, MS, 24);
    assertThat(rate).isCloseTo(1.25 * 600_000 / 0.05, Percentage.withPercentage(1));
  }

  @Test
  void shortRoundTripsAreNotPaced() {
    Pacer pacer = new Pacer(MTU);
    for (int i = 0; i < 100_000; i++) {
      assertThat(pacer.delayNanos(MS - 1, 24_000, MTU, 0)).isZero();
      pacer.onSent(MTU, 0);
    }
  }

  @Test
  void idleTimeGivesOneBurstOnly() {
    Pacer pacer = new Pacer(MTU);
    assertThat(pacer.delayNanos(100 * MS, 24_000, MTU, 0)).isZero();
    int burst = 0;
    while (pacer.delayNanos(100 * MS, 24_000, MTU, 100 * SECOND) == 0) {
      pacer.onSent(MTU, 100 * SECOND);
      burst++;
    }
    assertThat(burst).isEqualTo(10);
  }

  @Test
  void aTrainLargerThanTheBucketIsNotDelayedForever() {
    Pacer pacer = new Pacer(MTU);
    assertThat(pacer.delayNanos(100 * MS, 24_000, 40 * MTU, 0)).isZero();
    pacer.onSent(40 * MTU, 0);
    long delay = pacer.delayNanos(100 * MS, 24_000, 40 * MTU, 0);
    // 40 packets at 300 kB/s
    assertThat((double) delay).isCloseTo(0.16 * SECOND, Percentage.withPercentage(1));
    assertThat(pacer.delayNanos(100 * MS, 24_000, 40 * MTU, delay)).isZero();
  }

  @Test
  void theBurstFollowsTheDatagramSize() {
    Pacer pacer = new Pacer(MTU);
    pacer.onMtu(1452);
    int burst = 0;
    while (pacer.delayNanos(100 * MS, 24_000, 1452, 0) == 0) {
      pacer.onSent(1452, 0);
      burst++;
    }
    assertThat(burst).isEqualTo(10);
  }
}
