package org.veilor.seed.quic.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.recovery.RttEstimator;

/** RFC 9002 appendix B. */
class NewRenoTest {
  private static final int MTU = 1200;
  private final RttEstimator rtt = new RttEstimator();
  private final NewReno reno = new NewReno(MTU);

  @Test
  void slowStartThenOnePacketPerWindow() {
    for (int i = 0; i < 10; i++) {
      reno.onAcked(MTU, 1, false, rtt, 100);
    }
    assertThat(reno.windowBytes()).isEqualTo(24_000);
    reno.onLoss(MTU, 50, false, 200);
    assertThat(reno.windowBytes()).isEqualTo(12_000);
    reno.onAcked(MTU, 150, false, rtt, 300);
    assertThat(reno.windowBytes()).as("recovery").isEqualTo(12_000);
    for (int i = 0; i < 10; i++) {
      reno.onAcked(MTU, 250, false, rtt, 400);
    }
    assertThat(reno.windowBytes()).isEqualTo(13_200);
    reno.onAcked(MTU, 260, true, rtt, 400);
    assertThat(reno.windowBytes()).isEqualTo(13_200);
  }

  @Test
  void oneReductionPerRoundTripAndPersistentCongestion() {
    reno.onLoss(MTU, 50, false, 200);
    reno.onLoss(MTU, 190, false, 210);
    assertThat(reno.windowBytes()).isEqualTo(6_000);
    reno.onSpuriousLoss();
    assertThat(reno.windowBytes()).isEqualTo(12_000);
    reno.onLoss(MTU, 250, true, 300);
    assertThat(reno.windowBytes()).isEqualTo(2_400);
    reno.onSpuriousLoss();
    assertThat(reno.windowBytes()).isEqualTo(2_400);
    assertThat(reno.inSlowStart()).isTrue();
    reno.onMtu(1452);
    assertThat(reno.windowBytes()).isEqualTo(2_904);
  }
}
