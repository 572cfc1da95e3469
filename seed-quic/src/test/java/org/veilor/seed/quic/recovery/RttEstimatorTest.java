package org.veilor.seed.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The arithmetic of RFC 9002 §5. */
class RttEstimatorTest {
  private static final long MS = 1_000_000L;
  private final RttEstimator rtt = new RttEstimator();

  @Test
  void startsWithTheInitialRtt() {
    assertThat(rtt.hasSample()).isFalse();
    assertThat(rtt.smoothedNanos()).isEqualTo(333 * MS);
    assertThat(rtt.ptoBaseNanos()).isEqualTo(999 * MS);
  }

  @Test
  void theFirstSampleReplacesTheGuess() {
    rtt.update(40 * MS, 30 * MS, true, 25 * MS);
    assertThat(rtt.hasSample()).isTrue();
    assertThat(rtt.latestNanos()).isEqualTo(40 * MS);
    assertThat(rtt.minNanos()).isEqualTo(40 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo(40 * MS);
    assertThat(rtt.varianceNanos()).isEqualTo(20 * MS);
    assertThat(rtt.ptoBaseNanos()).isEqualTo(120 * MS);
  }

  @Test
  void laterSamplesAreWeightedAndAckDelayIsTakenOff() {
    rtt.update(40 * MS, 0, true, 25 * MS);
    rtt.update(60 * MS, 4 * MS, true, 25 * MS);
    // adjusted 56: var = 3/4 * 20 + 1/4 * 16, srtt = 7/8 * 40 + 1/8 * 56
    assertThat(rtt.varianceNanos()).isEqualTo(19 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo(42 * MS);
    assertThat(rtt.latestNanos()).isEqualTo(60 * MS);
  }

  @Test
  void ackDelayNeverPushesASampleBelowTheMinimum() {
    rtt.update(40 * MS, 0, true, 25 * MS);
    rtt.update(48 * MS, 10 * MS, true, 25 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo(41 * MS);
  }

  @Test
  void maxAckDelayBindsOnlyAfterConfirmation() {
    rtt.update(40 * MS, 0, false, 25 * MS);
    rtt.update(120 * MS, 80 * MS, false, 25 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo(40 * MS);
    rtt.update(120 * MS, 80 * MS, true, 25 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo((7 * 40 + 95) * MS / 8);
  }

  @Test
  void aHugeClaimedDelayDoesNotOverflow() {
    rtt.update(40 * MS, 0, false, 25 * MS);
    rtt.update(48 * MS, Long.MAX_VALUE, false, 25 * MS);
    assertThat(rtt.smoothedNanos()).isEqualTo(41 * MS);
  }

  @Test
  void theDeviationHasAFloorInThePto() {
    for (int i = 0; i < 200; i++) {
      rtt.update(10 * MS, 0, true, 25 * MS);
    }
    assertThat(rtt.ptoBaseNanos()).isEqualTo(rtt.smoothedNanos() + MS);
  }

  @Test
  void persistentCongestionForgetsTheMinimum() {
    rtt.update(10 * MS, 0, true, 25 * MS);
    rtt.update(50 * MS, 0, true, 25 * MS);
    assertThat(rtt.minNanos()).isEqualTo(10 * MS);
    rtt.onPersistentCongestion();
    rtt.update(50 * MS, 0, true, 25 * MS);
    assertThat(rtt.minNanos()).isEqualTo(50 * MS);
  }
}
