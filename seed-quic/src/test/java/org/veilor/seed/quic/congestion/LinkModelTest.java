package org.veilor.seed.quic.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.recovery.RttEstimator;

/**
 * Controllers on a model of a link: one bottleneck with a queue, random loss, constant propagation
 * delay. Every packet is acknowledged by itself, losses are found by packet threshold (RFC 9002
 * §6.1.1).
 */
class LinkModelTest {
  private static final int MTU = 1200;
  private static final double NANOS = 1e9;
  private static final int PACKET_THRESHOLD = 3;

  private record Packet(long number, long sentNanos, long ackNanos) {}

  /** One sender with endless data; time moves from acknowledgement to acknowledgement. */
  private static final class Link {
    private final CongestionController controller;
    private final Random random;
    private final double bytesPerNano;
    private final long rttNanos;
    private final long queueNanos;
    private final double lossRate;
    private final RttEstimator rtt = new RttEstimator();
    private final ArrayDeque<Packet> arriving = new ArrayDeque<>();
    private final ArrayDeque<Packet> missing = new ArrayDeque<>();
    private long linkFreeNanos;
    private long nextNumber;
    private long inFlightBytes;
    private long deliveredBytes;

    Link(
        CongestionController controller,
        long seed,
        double bitsPerSecond,
        long rttMillis,
        double lossRate) {
      this.controller = controller;
      this.random = new Random(seed);
      this.bytesPerNano = bitsPerSecond / 8 / NANOS;
      this.rttNanos = rttMillis * 1_000_000;
      this.queueNanos = rttNanos;
      this.lossRate = lossRate;
    }

    /** Runs; returns delivered bits per second, the first tenth not counted. */
    double run(long seconds) {
      long now = 0;
      long end = (long) (seconds * NANOS);
      long countFrom = end / 10;
      long deliveredBefore = 0;
      send(now);
      while (now < end) {
        Packet acked = arriving.poll();
        if (acked == null) {
          now += rttNanos; // everything in flight was lost: a probe timeout
          giveUpMissing(Long.MAX_VALUE, now);
        } else {
          now = acked.ackNanos;
          onAck(acked, now);
        }
        if (now < countFrom) {
          deliveredBefore = deliveredBytes;
        }
        send(now);
      }
      return (deliveredBytes - deliveredBefore) * 8 / ((end - countFrom) / NANOS);
    }

    private void onAck(Packet acked, long now) {
      inFlightBytes -= MTU;
      deliveredBytes += MTU;
      rtt.update(now - acked.sentNanos, 0, true, 0);
      controller.onAcked(MTU, acked.sentNanos, false, rtt, now);
      giveUpMissing(acked.number - PACKET_THRESHOLD, now);
    }

    private void giveUpMissing(long upTo, long now) {
      int lost = 0;
      long newest = 0;
      while (!missing.isEmpty() && missing.peek().number <= upTo) {
        newest = missing.remove().sentNanos;
        lost += MTU;
      }
      if (lost > 0) {
        inFlightBytes -= lost;
        controller.onLoss(lost, newest, false, now);
      }
    }

    long lostPackets() {
      return nextNumber - (deliveredBytes + inFlightBytes) / MTU;
    }

    private void send(long now) {
      while (inFlightBytes < controller.windowBytes()) {
        controller.onPacketSent(MTU, now);
        inFlightBytes += MTU;
        long start = Math.max(now, linkFreeNanos);
        boolean overflows = start - now > queueNanos;
        if (!overflows) {
          linkFreeNanos = start + (long) (MTU / bytesPerNano);
        }
        Packet packet = new Packet(nextNumber++, now, linkFreeNanos + rttNanos);
        if (overflows || random.nextDouble() < lossRate) {
          missing.add(packet);
        } else {
          arriving.add(packet);
        }
      }
    }
  }

  private static double average(
      IntFunction<CongestionController> factory, double bits, long rttMillis, double lossRate) {
    double sum = 0;
    int runs = 8;
    for (int seed = 1; seed <= runs; seed++) {
      sum += new Link(factory.apply(MTU), seed, bits, rttMillis, lossRate).run(120);
    }
    return sum / runs;
  }

  private static void print(String what, double... bitsPerSecond) {
    StringBuilder line = new StringBuilder(what);
    for (double bits : bitsPerSecond) {
      line.append(String.format(Locale.ROOT, " %.3f", bits / 1e6));
    }
    System.out.println(line + " Mbit/s");
  }

  @Test
  void withOnePercentLossCubicIsNotSlowerThanReno() {
    double cubic = average(Cubic::new, 100e6, 50, 0.01);
    double reno = average(NewReno::new, 100e6, 50, 0.01);
    // Mathis et al. 1997: the throughput of Reno.
    double theory = 1.2 * MTU * 8 / (0.050 * Math.sqrt(0.01));
    print("1 % loss, 50 ms, 100 Mbit/s, seeds 1-8: cubic, reno, theory", cubic, reno, theory);
    assertThat(cubic).isGreaterThanOrEqualTo(reno).isGreaterThanOrEqualTo(theory);
  }

  @Test
  void withRareLossCubicIsMuchFaster() {
    double cubic = average(Cubic::new, 100e6, 100, 0.0001);
    double reno = average(NewReno::new, 100e6, 100, 0.0001);
    print("0.01 % loss, 100 ms, 100 Mbit/s, seeds 1-8: cubic, reno", cubic, reno);
    assertThat(cubic).isGreaterThan(1.2 * reno);
  }

  @Test
  void withoutRandomLossTheLinkIsFull() {
    double cubic = new Link(new Cubic(MTU), 1, 100e6, 50, 0).run(60);
    print("no random loss, 50 ms, 100 Mbit/s: cubic", cubic);
    assertThat(cubic).isGreaterThan(97e6);
  }

  @Test
  void hyStartLosesFarLessThanSlowStartWithoutIt() {
    Cubic cubic = new Cubic(MTU);
    Link withHyStart = new Link(cubic, 1, 100e6, 50, 0);
    withHyStart.run(3);
    assertThat(cubic.inSlowStart()).isFalse();
    Link without = new Link(new NewReno(MTU), 1, 100e6, 50, 0);
    without.run(3);
    System.out.println(
        "lost packets in 3 s: " + withHyStart.lostPackets() + " and " + without.lostPackets());
    assertThat(withHyStart.lostPackets()).isLessThan(without.lostPackets() / 2);
  }
}
