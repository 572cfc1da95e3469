package org.veilor.seed.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.path.MtuDiscovery;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Route;

/** Acknowledgement and loss (RFC 9002 §6), packet numbers left out on purpose (RFC 9000 §21.4). */
class PacketSpaceTest {
  private static final long MILLI = 1_000_000;
  private static final long NEVER = Long.MAX_VALUE;
  private final Route route = newRoute();
  private final PacketSpace space = PacketSpace.handshake();

  private static Route newRoute() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return Route.fresh(new NetworkPath(any, any), true, new MtuDiscovery());
  }

  private void send(PacketSpace to, long nowNanos) {
    to.onSent(new SentPacket(to.peekPacketNumber(), route, nowNanos, 1200, true, true, List.of()));
  }

  private void send(int count, long nowNanos) {
    for (int i = 0; i < count; i++) {
      send(space, nowNanos);
    }
  }

  private static Frame.Ack ack(long... ranges) {
    return new Frame.Ack(ranges[1], 0, ranges, null);
  }

  private static List<Long> numbers(List<SentPacket> packets) {
    return packets.stream().map(SentPacket::packetNumber).toList();
  }

  @Test
  void acknowledgesEachPacketOnce() throws TransportException {
    send(10, 0);
    AckOutcome first = space.onAck(ack(7, 8, 2, 3));
    assertThat(numbers(first.acked())).containsExactly(2L, 3L, 7L, 8L);
    assertThat(first.largestNewlyAcked()).isNotNull();
    AckOutcome second = space.onAck(ack(1, 8));
    assertThat(numbers(second.acked())).containsExactly(1L, 4L, 5L, 6L);
    assertThat(second.largestNewlyAcked()).as("no round-trip sample").isNull();
    assertThat(space.largestAcked()).isEqualTo(8);
    assertThat(space.hasAckElicitingInFlight()).isTrue();
    space.onAck(ack(0, 9));
    assertThat(space.hasAckElicitingInFlight()).isFalse();
  }

  @Test
  void refusesAcknowledgementsOfWhatWasNeverSent() {
    send(3, 0);
    assertThatThrownBy(() -> space.onAck(ack(0, 3))).hasMessageContaining("unsent");
  }

  @Test
  void refusesAcknowledgementsOfSkippedNumbers() {
    PacketSpace application = PacketSpace.application(25 * MILLI, bytes -> bytes[7] = 4);
    for (int i = 0; i < 10; i++) {
      send(application, 0);
    }
    assertThat(application.peekPacketNumber()).as("one number was left out").isEqualTo(11);
    assertThatThrownBy(() -> application.onAck(ack(0, 10))).hasMessageContaining("skipped");
  }

  @Test
  void threeNewerPacketsMakeALoss() throws TransportException {
    send(5, 0);
    space.onAck(ack(3, 3));
    assertThat(numbers(space.detectLost(NEVER, 1).lost())).containsExactly(0L);
    space.onAck(ack(4, 4));
    assertThat(numbers(space.detectLost(NEVER, 1).lost())).containsExactly(1L);
  }

  @Test
  void timeMakesALossToo() throws TransportException {
    route.rtt().update(40 * MILLI, 0, true, 0);
    send(2, 0);
    space.onAck(ack(1, 1));
    assertThat(space.detectLost(NEVER, 44 * MILLI).lost()).isEmpty();
    assertThat(space.lossTimeNanos()).isEqualTo(45 * MILLI);
    assertThat(numbers(space.detectLost(NEVER, 45 * MILLI).lost())).containsExactly(0L);
    assertThat(space.lossTimeNanos()).isEqualTo(NEVER);
  }

  @Test
  void persistentCongestionNeedsALongUnbrokenRunAfterASample() throws TransportException {
    route.onRttSample(-1);
    for (long i = 0; i < 8; i++) {
      send(space, i * 100 * MILLI);
    }
    space.onAck(ack(7, 7));
    assertThat(space.detectLost(300 * MILLI, 2000 * MILLI).isPersistent()).isTrue();
  }

  @Test
  void anAcknowledgedPacketBetweenBreaksTheRun() throws TransportException {
    route.onRttSample(-1);
    for (long i = 0; i < 8; i++) {
      send(space, i * 100 * MILLI);
    }
    space.onAck(ack(7, 7, 3, 3));
    assertThat(space.detectLost(300 * MILLI, 2000 * MILLI).isPersistent()).isFalse();
  }

  @Test
  void lossesBeforeTheFirstSampleProveNothing() throws TransportException {
    for (long i = 0; i < 8; i++) {
      send(space, i * 100 * MILLI);
    }
    route.onRttSample(650 * MILLI);
    space.onAck(ack(7, 7));
    assertThat(space.detectLost(300 * MILLI, 2000 * MILLI).isPersistent()).isFalse();
  }

  @Test
  void givesUpOnAPeerThatAcknowledgesNothing() {
    send(1, 0);
    for (int i = 0; i < PacketSpace.MAX_UNSETTLED; i++) {
      assertThat(space.isOverfull()).isFalse();
      space.onSent(new SentPacket(space.peekPacketNumber(), route, 0, 40, false, false, List.of()));
    }
    assertThat(space.isOverfull()).isTrue();
  }

  @Test
  void discardForgetsEverything() {
    send(5, 0);
    assertThat(space.discard()).hasSize(5);
    assertThat(space.hasAckElicitingInFlight()).isFalse();
    assertThat(space.inFlight()).isEmpty();
    assertThat(space.oldestAckEliciting()).isNull();
  }

  @Test
  void theRingGrowsAndForgetsFromBelow() {
    SentPackets ring = new SentPackets();
    for (long n = 0; n < 1000; n++) {
      ring.add(new SentPacket(n, route, 0, 1, true, true, List.of()));
    }
    for (long n = 999; n > 0; n -= 2) {
      assertThat(ring.remove(n)).isNotNull();
    }
    assertThat(ring.base()).isZero();
    for (long n = 0; n < 1000; n += 2) {
      assertThat(Objects.requireNonNull(ring.remove(n)).packetNumber()).isEqualTo(n);
    }
    assertThat(ring.isEmpty()).isTrue();
    assertThatThrownBy(() -> ring.add(new SentPacket(3, route, 0, 1, true, true, List.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneNumberIsSkippedInEachDoublingRange() {
    SkippedNumbers skipped = new SkippedNumbers(bytes -> bytes[7] = 77);
    int found = 0;
    for (long n = 0; n < 1024; n++) {
      if (skipped.skips(n)) {
        found++;
        skipped.onSkipped();
      }
    }
    assertThat(found).as("0..63, 64..127, 128..255, 256..511, 512..1023").isEqualTo(5);
    assertThat(new SkippedNumbers(bytes -> {}).skips(0)).isFalse();
  }

  @Test
  void anEpisodeIsSpuriousWhenAllOfItWasAcknowledged() {
    SpuriousLosses spurious = new SpuriousLosses();
    send(6, 10);
    spurious.onLost(space.inFlight().subList(0, 3), 10, false, 20);
    assertThat(spurious.onAck(ack(1, 2))).isFalse();
    assertThat(spurious.onAck(ack(0, 0))).isTrue();
    assertThat(spurious.onAck(ack(0, 5))).as("once").isFalse();
  }

  @Test
  void aRealLossIsNeverSpurious() {
    SpuriousLosses spurious = new SpuriousLosses();
    send(6, 10);
    spurious.onLost(space.inFlight().subList(0, 3), 10, false, 20);
    assertThat(spurious.onAck(ack(4, 5, 1, 2))).isFalse();
    spurious.onLost(space.inFlight().subList(3, 4), 10, true, 25);
    assertThat(spurious.onAck(ack(0, 5))).as("persistent").isFalse();
  }
}
