package org.veilor.seed.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.frame.EcnCounts;
import org.veilor.seed.quic.frame.Frame;

/** What has to be acknowledged, and when (RFC 9000 §13.2). */
class ReceivedPacketsTest {
  private static final long DELAY = 25_000_000;
  private final ReceivedPackets received = new ReceivedPackets(DELAY);

  private Frame.Ack ack() {
    return Objects.requireNonNull(received.ackFrame(3, 0));
  }

  @Test
  void everySecondPacketIsAcknowledgedAtOnce() {
    received.onReceived(0, true, 0, 100);
    assertThat(received.ackDeadlineNanos()).isEqualTo(100 + DELAY);
    received.onReceived(1, true, 0, 200);
    assertThat(received.ackDeadlineNanos()).isEqualTo(200);
    received.onAckSent();
    assertThat(received.ackDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(received.hasNewsToAcknowledge()).isFalse();
  }

  @Test
  void gapsAndMarksAreToldAtOnce() {
    received.onReceived(0, true, 0, 0);
    received.onAckSent();
    received.onReceived(2, true, 0, 50);
    assertThat(received.ackDeadlineNanos()).as("a gap").isEqualTo(50);
    received.onAckSent();
    received.onReceived(1, true, 0, 60);
    assertThat(received.ackDeadlineNanos()).as("the late one").isEqualTo(60);
    received.onAckSent();
    received.onReceived(3, true, 3, 70);
    assertThat(received.ackDeadlineNanos()).as("ECN-CE").isEqualTo(70);
  }

  @Test
  void packetsThatAskForNothingGetNothing() {
    received.onReceived(0, false, 0, 0);
    received.onReceived(5, false, 0, 0);
    assertThat(received.ackDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(received.hasNewsToAcknowledge()).isFalse();
  }

  @Test
  void gapsAreNeverFilled() {
    for (long n : new long[] {0, 1, 2, 5, 6, 9}) {
      received.onReceived(n, true, 0, 0);
    }
    assertThat(ack().ranges()).containsExactly(9, 9, 5, 6, 0, 2);
    assertThat(ack().largest()).isEqualTo(9);
  }

  @Test
  void marksAreCountedByKind() {
    received.onReceived(0, true, 2, 0);
    assertThat(ack().ecn()).isEqualTo(new EcnCounts(1, 0, 0));
    received.onReceived(1, true, 1, 0);
    received.onReceived(2, true, 3, 0);
    received.onReceived(3, true, 0, 0);
    assertThat(ack().ecn()).isEqualTo(new EcnCounts(1, 1, 1));
  }

  @Test
  void whatThePeerKnowsIsNotRepeatedAndStillADuplicate() {
    for (long n = 0; n < 10; n++) {
      received.onReceived(n, true, 0, 0);
    }
    received.onAckAcknowledged(7);
    assertThat(ack().ranges()).containsExactly(8, 9);
    assertThat(received.isDuplicate(3)).isTrue();
    assertThat(received.isDuplicate(10)).isFalse();
  }

  @Test
  void rangesAreBoundedWhateverComes() {
    for (long n = 0; n < 1000; n += 2) {
      received.onReceived(n, true, 0, 0);
    }
    assertThat(ack().rangeCount()).isEqualTo(ReceivedPackets.MAX_RANGES);
    assertThat(received.isDuplicate(1)).as("too old to be told apart").isTrue();
    assertThat(received.isDuplicate(997)).isFalse();
  }

  @Test
  void rangesAgreeWithASet() {
    Random random = new Random(3);
    for (int run = 0; run < 200; run++) {
      PacketNumberRanges ranges = new PacketNumberRanges(1000);
      TreeSet<Long> model = new TreeSet<>();
      long forgotten = -1;
      for (int i = 0; i < 100; i++) {
        if (random.nextInt(20) == 0) {
          forgotten = Math.max(forgotten, random.nextLong(60));
          ranges.forgetThrough(forgotten);
          model.headSet(forgotten, true).clear();
        }
        long n = random.nextLong(100);
        if (n > forgotten) {
          ranges.add(n);
          model.add(n);
        }
      }
      for (long n = 0; n < 100; n++) {
        assertThat(ranges.contains(n)).isEqualTo(n <= forgotten || model.contains(n));
      }
      for (int i = 1; i < ranges.count(); i++) {
        assertThat(ranges.smallest(i)).isGreaterThan(ranges.largest(i - 1) + 1);
      }
    }
  }
}
