package org.veilor.seed.quic.recovery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;

/**
 * A packet number space (RFC 9000 §12.3): numbers, what is in flight, what was received, and the
 * loss detection of RFC 9002 §6 over it.
 *
 * <p>Initial and Handshake have one each; the application data space belongs to a path, so that a
 * second path can bring its own.
 */
public final class PacketSpace {
  /** RFC 9002 §6.1.1: kPacketThreshold. */
  private static final int PACKET_THRESHOLD = 3;

  /** RFC 9002 §7.6.1: kPersistentCongestionThreshold. */
  private static final int PERSISTENT_CONGESTION_THRESHOLD = 3;

  /** Earlier than any time, with room for a timeout to be added. */
  private static final long NEVER_NANOS = Long.MIN_VALUE / 2;

  /**
   * Numbers from the oldest packet of open fate to the newest, acknowledgements included. Honest
   * peers acknowledge within a round-trip time; one that never does must not cost ever more memory.
   */
  static final int MAX_UNSETTLED = 1 << 17;

  private final SentPackets sent = new SentPackets();
  private final ReceivedPackets received;
  private final @Nullable SkippedNumbers skipped;
  private long nextPacketNumber;
  private long largestAcked = -1;
  private long lossTimeNanos = Long.MAX_VALUE;
  private long lastAckElicitingSentNanos = NEVER_NANOS;
  private int ackElicitingInFlight;

  private PacketSpace(ReceivedPackets received, @Nullable SkippedNumbers skipped) {
    this.received = received;
    this.skipped = skipped;
  }

  /** An Initial or Handshake space: acknowledged at once, no number skipped. */
  public static PacketSpace handshake() {
    return new PacketSpace(new ReceivedPackets(0), null);
  }

  /** The application data space of a path. */
  public static PacketSpace application(long maxAckDelayNanos, RandomSource random) {
    return new PacketSpace(new ReceivedPackets(maxAckDelayNanos), new SkippedNumbers(random));
  }

  /** What was received here. */
  public ReceivedPackets received() {
    return received;
  }

  /** The largest number that the peer acknowledged, -1 if none. */
  public long largestAcked() {
    return largestAcked;
  }

  /** The next packet's number without taking it. */
  public long peekPacketNumber() {
    return skipped != null && skipped.skips(nextPacketNumber)
        ? nextPacketNumber + 1
        : nextPacketNumber;
  }

  /** Notes a packet with the number of {@link #peekPacketNumber}. */
  public void onSent(SentPacket packet) {
    if (skipped != null && skipped.skips(nextPacketNumber)) {
      skipped.onSkipped();
      nextPacketNumber++;
    }
    if (packet.packetNumber() != nextPacketNumber) {
      throw new IllegalArgumentException("packet numbers are used in order");
    }
    nextPacketNumber++;
    if (packet.isInFlight()) {
      sent.add(packet);
    }
    if (packet.isAckEliciting()) {
      ackElicitingInFlight++;
      lastAckElicitingSentNanos = packet.sentNanos();
    }
  }

  /** Whether the peer left so much unacknowledged that no more may be sent. */
  public boolean isOverfull() {
    return !sent.isEmpty() && nextPacketNumber - sent.base() > MAX_UNSETTLED;
  }

  /** Whether something is in flight that the peer must acknowledge. */
  public boolean hasAckElicitingInFlight() {
    return ackElicitingInFlight > 0;
  }

  /** When the newest ack-eliciting packet went out. */
  public long lastAckElicitingSentNanos() {
    return lastAckElicitingSentNanos;
  }

  /**
   * When the next packet will be deemed lost by time; {@link Long#MAX_VALUE} if none is waiting.
   */
  public long lossTimeNanos() {
    return lossTimeNanos;
  }

  /**
   * Takes an ACK frame in.
   *
   * @throws TransportException PROTOCOL_VIOLATION if it names a number that was never sent
   */
  public AckOutcome onAck(Frame.Ack ack) throws TransportException {
    if (ack.largest() >= nextPacketNumber) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, ack.type(), "unsent packet acked");
    }
    // Before anything is settled: of a lie nothing is believed.
    for (int i = 0; skipped != null && i < ack.rangeCount(); i++) {
      if (skipped.anyIn(ack.smallestOf(i), ack.largestOf(i))) {
        throw new TransportException(
            TransportErrorCode.PROTOCOL_VIOLATION, ack.type(), "skipped packet number acked");
      }
    }
    List<SentPacket> acked = new ArrayList<>();
    boolean hasAckEliciting = false;
    long[] ranges = ack.ranges();
    for (int i = ranges.length - 2; i >= 0; i -= 2) {
      long from = Math.max(ranges[i], sent.base());
      long to = Math.min(ranges[i + 1], sent.next() - 1);
      for (long number = from; number <= to; number++) {
        SentPacket packet = sent.get(number);
        if (packet == null) {
          continue;
        }
        sent.remove(number);
        acked.add(packet);
        hasAckEliciting |= packet.isAckEliciting();
        settle(packet);
      }
    }
    largestAcked = Math.max(largestAcked, ack.largest());
    SentPacket newest = acked.isEmpty() ? null : acked.getLast();
    boolean isSample = newest != null && newest.packetNumber() == ack.largest();
    return new AckOutcome(acked, isSample ? newest : null, hasAckEliciting);
  }

  /**
   * RFC 9002 §6.1: a packet is lost if it is unacknowledged, was sent before an acknowledged one,
   * and that was long ago in packets or in time.
   */
  public LossOutcome detectLost(long persistentDurationNanos, long nowNanos) {
    lossTimeNanos = Long.MAX_VALUE;
    List<SentPacket> lost = new ArrayList<>();
    for (long number = sent.base(); number <= Math.min(largestAcked, sent.next() - 1); number++) {
      SentPacket packet = sent.get(number);
      if (packet == null) {
        continue;
      }
      long delayNanos = lossDelayNanos(packet.route().rtt());
      if (packet.sentNanos() <= nowNanos - delayNanos
          || largestAcked >= number + PACKET_THRESHOLD) {
        lost.add(packet);
      } else {
        lossTimeNanos = Math.min(lossTimeNanos, packet.sentNanos() + delayNanos);
      }
    }
    boolean persistent = isPersistent(lost, persistentDurationNanos);
    for (SentPacket packet : lost) {
      sent.remove(packet.packetNumber());
      settle(packet);
    }
    return new LossOutcome(lost, persistent);
  }

  /** RFC 9002 §6.1.2: max(kTimeThreshold * max(smoothed_rtt, latest_rtt), kGranularity). */
  private static long lossDelayNanos(RttEstimator rtt) {
    long base = Math.max(rtt.smoothedNanos(), rtt.latestNanos());
    return Math.max(base + base / 8, RttEstimator.GRANULARITY_NANOS);
  }

  /**
   * RFC 9002 §7.6: two ack-eliciting packets lost, everything between them lost too, and further
   * apart than the threshold. Runs are broken conservatively at every number not lost just now.
   */
  private boolean isPersistent(List<SentPacket> lost, long durationNanos) {
    long runStartNanos = Long.MAX_VALUE;
    long previousNumber = Long.MIN_VALUE;
    for (SentPacket packet : lost) {
      boolean continues =
          previousNumber == Long.MIN_VALUE
              || onlySkippedBetween(previousNumber, packet.packetNumber());
      if (!continues) {
        runStartNanos = Long.MAX_VALUE;
      }
      previousNumber = packet.packetNumber();
      if (!packet.isAckEliciting() || !packet.route().hasRttBefore(packet.sentNanos())) {
        continue;
      }
      if (runStartNanos == Long.MAX_VALUE) {
        runStartNanos = packet.sentNanos();
      } else if (packet.sentNanos() - runStartNanos > durationNanos) {
        return true;
      }
    }
    return false;
  }

  private boolean onlySkippedBetween(long from, long to) {
    for (long number = from + 1; number < to; number++) {
      if (skipped == null || !skipped.anyIn(number, number)) {
        return false;
      }
    }
    return true;
  }

  /** RFC 9002 §7.6.1: (smoothed_rtt + max(4*rttvar, kGranularity) + max_ack_delay) * threshold. */
  public static long persistentCongestionNanos(RttEstimator rtt, long maxAckDelayNanos) {
    return (rtt.ptoBaseNanos() + maxAckDelayNanos) * PERSISTENT_CONGESTION_THRESHOLD;
  }

  /** Everything in flight, oldest first: for probes, and for giving up a space. */
  public List<SentPacket> inFlight() {
    List<SentPacket> packets = new ArrayList<>();
    for (long number = sent.base(); number < sent.next(); number++) {
      SentPacket packet = sent.get(number);
      if (packet != null) {
        packets.add(packet);
      }
    }
    return packets;
  }

  /** The oldest ack-eliciting packet in flight: a probe repeats what it carried. */
  public @Nullable SentPacket oldestAckEliciting() {
    for (long number = sent.base(); number < sent.next(); number++) {
      SentPacket packet = sent.get(number);
      if (packet != null && packet.isAckEliciting() && !packet.isMtuProbe()) {
        return packet;
      }
    }
    return null;
  }

  /** Forgets all in flight, as when the space's keys are discarded (RFC 9002 §6.4); returns it. */
  public List<SentPacket> discard() {
    List<SentPacket> gone = inFlight();
    for (SentPacket packet : gone) {
      sent.remove(packet.packetNumber());
      settle(packet);
    }
    lossTimeNanos = Long.MAX_VALUE;
    return gone;
  }

  private void settle(SentPacket packet) {
    if (packet.isAckEliciting()) {
      ackElicitingInFlight--;
    }
  }
}
