package org.veilor.seed.quic.recovery;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.frame.EcnCounts;
import org.veilor.seed.quic.frame.Frame;

/**
 * What was received in one packet number space and when it has to be acknowledged (RFC 9000 §13.2).
 *
 * <p>Exact on purpose: peers skip packet numbers and close the connection of whoever acknowledges a
 * number that was never sent (RFC 9000 §21.4), so gaps are never filled.
 */
public final class ReceivedPackets {
  /** Ranges told in one ACK frame, the newest; also the memory this side spends on gaps. */
  public static final int MAX_RANGES = 64;

  /**
   * RFC 9000 §13.2.2: "A receiver SHOULD send an ACK frame after receiving at least two
   * ack-eliciting packets".
   */
  private static final int ACK_ELICITING_THRESHOLD = 2;

  private final PacketNumberRanges ranges = new PacketNumberRanges(MAX_RANGES);
  private final long maxAckDelayNanos;
  private long largest = -1;
  private long largestReceivedNanos;
  private int ackElicitingSinceAck;
  private long ackDeadlineNanos = Long.MAX_VALUE;
  private boolean newSinceAck;
  private long ect0;
  private long ect1;
  private long ce;

  /**
   * @param maxAckDelayNanos how long an acknowledgement may wait; 0 in the Initial and Handshake
   *     spaces, where RFC 9000 §13.2.1 demands it at once
   */
  public ReceivedPackets(long maxAckDelayNanos) {
    this.maxAckDelayNanos = maxAckDelayNanos;
  }

  /** The largest packet number received, -1 if none. */
  public long largest() {
    return largest;
  }

  /** Whether this number was received before, or is so old that it counts as received. */
  public boolean isDuplicate(long packetNumber) {
    return ranges.contains(packetNumber);
  }

  /**
   * Notes an authenticated, processed packet; {@code ecn} is the IP header's code point (0 to 3).
   */
  public void onReceived(long packetNumber, boolean ackEliciting, int ecn, long nowNanos) {
    boolean outOfOrder =
        packetNumber != largest + 1 && (packetNumber < largest || ranges.count() > 0);
    ranges.add(packetNumber);
    newSinceAck = true;
    if (packetNumber > largest) {
      largest = packetNumber;
      largestReceivedNanos = nowNanos;
    }
    countEcn(ecn);
    if (!ackEliciting) {
      return;
    }
    ackElicitingSinceAck++;
    // RFC 9000 §13.2.1: at once when a packet arrives out of order or marked ECN-CE.
    if (outOfOrder || ecn == 3 || ackElicitingSinceAck >= ACK_ELICITING_THRESHOLD) {
      ackDeadlineNanos = Math.min(ackDeadlineNanos, nowNanos);
    } else {
      ackDeadlineNanos = Math.min(ackDeadlineNanos, nowNanos + maxAckDelayNanos);
    }
  }

  private void countEcn(int ecn) {
    switch (ecn) {
      case 1 -> ect1++;
      case 2 -> ect0++;
      case 3 -> ce++;
      default -> {}
    }
  }

  /** When an ACK has to go out at the latest; {@link Long#MAX_VALUE} if nothing asks for one. */
  public long ackDeadlineNanos() {
    return ackDeadlineNanos;
  }

  /**
   * Whether an ACK would tell something new: it then rides along in any packet that is sent anyway.
   */
  public boolean hasNewsToAcknowledge() {
    return newSinceAck && ackElicitingSinceAck > 0;
  }

  /** The ACK frame for all that is remembered, or null if nothing was received. */
  public Frame.@Nullable Ack ackFrame(int ackDelayExponent, long nowNanos) {
    if (ranges.isEmpty()) {
      return null;
    }
    int count = ranges.count();
    long[] pairs = new long[count * 2];
    for (int i = 0; i < count; i++) {
      pairs[2 * i] = ranges.smallest(count - 1 - i);
      pairs[2 * i + 1] = ranges.largest(count - 1 - i);
    }
    long delayMicros = Math.max(0, nowNanos - largestReceivedNanos) / 1000;
    EcnCounts ecn = ect0 + ect1 + ce == 0 ? null : new EcnCounts(ect0, ect1, ce);
    return new Frame.Ack(ranges.largest(count - 1), delayMicros >>> ackDelayExponent, pairs, ecn);
  }

  /** An ACK frame with everything known was put into a packet. */
  public void onAckSent() {
    ackElicitingSinceAck = 0;
    newSinceAck = false;
    ackDeadlineNanos = Long.MAX_VALUE;
  }

  /**
   * The peer has our ACK up to {@code largestTold}: RFC 9000 §13.2.4 lets us stop repeating what it
   * said. A little history stays so that late duplicates are still told apart.
   */
  public void onAckAcknowledged(long largestTold) {
    ranges.forgetThrough(largestTold);
  }
}
