package org.veilor.seed.quic.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The search of RFC 8899 against links with a known MTU. */
class MtuDiscoveryTest {
  private static final long SECOND = 1_000_000_000L;
  private long packetNumber;
  private final List<Integer> probes = new ArrayList<>();

  /** Answers probes as a link would that carries {@code linkMtu}, until no probe is wanted. */
  private void search(MtuDiscovery discovery, int linkMtu, long now) {
    for (int size = discovery.probeToSend(now); size != 0; size = discovery.probeToSend(now)) {
      assertThat(probes).as("the search ends").hasSizeLessThan(1000);
      probes.add(size);
      discovery.onProbeSent(packetNumber++, size);
      assertThat(discovery.probeToSend(now)).as("one probe at a time").isZero();
      if (size <= linkMtu) {
        discovery.onProbeAcked(size, now);
      } else {
        discovery.onProbeLost(now);
      }
    }
  }

  @Test
  void nothingIsProbedBeforeTheHandshakeIsConfirmed() {
    MtuDiscovery discovery = new MtuDiscovery();
    assertThat(discovery.mtu()).isEqualTo(1200);
    assertThat(discovery.probeToSend(0)).isZero();
    assertThat(discovery.changed()).isFalse();
  }

  @Test
  void reachesTheBoundWithTheProbesObservedFromIroh() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(65527);
    search(discovery, 1500, 0);
    assertThat(probes).containsExactly(1326, 1389, 1420, 1452);
    assertThat(discovery.mtu()).isEqualTo(1452);
    assertThat(discovery.changed()).isTrue();
    assertThat(discovery.changed()).isFalse();
    search(discovery, 1500, 601 * SECOND);
    assertThat(probes).as("nothing left to gain").hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1200, 1219, 1220, 1240, 1300, 1350, 1400, 1431, 1440, 1451, 1452, 1500})
  void comesCloseToWhatTheLinkCarries(int linkMtu) {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1472);
    search(discovery, linkMtu, 0);
    int best = Math.min(linkMtu, 1452);
    assertThat(discovery.mtu()).isBetween(best - 2 * MtuDiscovery.MINIMUM_STEP_BYTES, best);
    assertThat(probes).hasSizeLessThanOrEqualTo(15).allMatch(size -> size > 1200 && size <= 1452);
  }

  @ParameterizedTest
  @CsvSource({"1200, 0", "1210, 0", "1219, 0", "1220, 1220", "1300, 1300", "1451, 1451"})
  void respectsThePeersLimit(int peerLimit, int reached) {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(peerLimit);
    search(discovery, 1500, 0);
    assertThat(discovery.mtu()).isEqualTo(Math.max(1200, reached));
    assertThat(probes).allMatch(size -> size <= peerLimit);
  }

  @Test
  void aSizeIsTooLargeOnlyAfterThreeLostProbes() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1452);
    for (int i = 0; i < 2; i++) {
      assertThat(discovery.probeToSend(0)).isEqualTo(1326);
      discovery.onProbeSent(packetNumber++, 1326);
      discovery.onProbeLost(0);
    }
    assertThat(discovery.probeToSend(0)).isEqualTo(1326);
    discovery.onProbeSent(packetNumber++, 1326);
    discovery.onProbeAcked(1326, 0);
    assertThat(discovery.mtu()).isEqualTo(1326);
    assertThat(discovery.probeToSend(0)).isEqualTo(1389);
  }

  @Test
  void searchesAgainAfterTenMinutes() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1452);
    search(discovery, 1300, 0);
    int first = discovery.mtu();
    assertThat(first).isLessThanOrEqualTo(1300);
    assertThat(discovery.probeToSend(599 * SECOND)).isZero();
    search(discovery, 1452, 600 * SECOND);
    assertThat(discovery.mtu()).isEqualTo(1452);
  }

  private MtuDiscovery grown() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1452);
    search(discovery, 1452, 0);
    assertThat(discovery.changed()).isTrue();
    packetNumber = 100;
    return discovery;
  }

  @Test
  void aBlackHoleFallsBackToTheBaseAndCoolsDown() {
    MtuDiscovery discovery = grown();
    for (int burst = 0; burst < 4; burst++) {
      assertThat(discovery.mtu()).isEqualTo(1452);
      discovery.onPacketLost(1452, packetNumber, SECOND);
      discovery.onPacketLost(1452, packetNumber + 1, SECOND);
      packetNumber += 10;
      discovery.onPacketAcked(60);
    }
    assertThat(discovery.mtu()).isEqualTo(1200);
    assertThat(discovery.changed()).isTrue();
    assertThat(discovery.probeToSend(60 * SECOND)).isZero();
    search(discovery, 1452, 61 * SECOND);
    assertThat(discovery.mtu()).isEqualTo(1452);
  }

  @Test
  void oneLongBurstIsCongestion() {
    MtuDiscovery discovery = grown();
    for (int i = 0; i < 1000; i++) {
      discovery.onPacketLost(1452, packetNumber++, SECOND);
    }
    assertThat(discovery.mtu()).isEqualTo(1452);
  }

  @Test
  void deliveredLargePacketsClearTheSuspicion() {
    MtuDiscovery discovery = grown();
    for (int i = 0; i < 100; i++) {
      discovery.onPacketLost(1452, packetNumber, SECOND);
      packetNumber += 5;
      if (i % 3 == 2) {
        discovery.onPacketAcked(1452);
      }
    }
    assertThat(discovery.mtu()).isEqualTo(1452);
  }

  @Test
  void burstsThatTookSmallPacketsTooAreCongestion() {
    MtuDiscovery discovery = grown();
    for (int i = 0; i < 100; i++) {
      discovery.onPacketLost(1452, packetNumber, SECOND);
      discovery.onPacketLost(80, packetNumber + 1, SECOND);
      discovery.onPacketLost(1452, packetNumber + 2, SECOND);
      packetNumber += 10;
    }
    assertThat(discovery.mtu()).isEqualTo(1452);
  }

  @Test
  void atTheBaseLossesMeanNothing() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1200);
    for (int i = 0; i < 100; i++) {
      discovery.onPacketLost(1200, 10L * i, SECOND);
    }
    assertThat(discovery.mtu()).isEqualTo(1200);
    assertThat(discovery.changed()).isFalse();
  }

  @Test
  void aProbeAcknowledgedAfterABlackHoleIsIgnored() {
    MtuDiscovery discovery = new MtuDiscovery();
    discovery.start(1452);
    int size = discovery.probeToSend(0);
    discovery.onProbeSent(packetNumber++, size);
    discovery.onProbeAcked(size, 0);
    int second = discovery.probeToSend(0);
    discovery.onProbeSent(packetNumber++, second);
    for (int burst = 0; burst < 4; burst++) {
      packetNumber += 10;
      discovery.onPacketLost(size, packetNumber, 0);
    }
    assertThat(discovery.mtu()).isEqualTo(1200);
    discovery.onProbeAcked(second, 0);
    assertThat(discovery.mtu()).isEqualTo(1200);
    assertThat(discovery.probeToSend(0)).isZero();
  }
}
