package org.veilor.seed.quic.recovery;

import java.util.List;
import org.veilor.seed.quic.frame.Frame;

/**
 * Notices that the losses behind a reduction of the congestion window were none (RFC 9438 §4.9):
 * every packet declared lost in one episode was acknowledged after all. Then the network reorders
 * or was slow, and the window may grow back at once.
 *
 * <p>An episode holds the losses of packets sent before the reduction. It is watched only while it
 * is small; a real burst of losses is never mistaken.
 */
public final class SpuriousLosses {
  private static final int MAX_WATCHED = 64;

  private final long[] watched = new long[MAX_WATCHED];
  private int count;
  private boolean isGivenUp;
  private long episodeStartNanos = Long.MIN_VALUE;

  /** An observer that has seen no loss. */
  public SpuriousLosses() {}

  /** Packets were declared lost; {@code persistent} losses are never spurious. */
  public void onLost(
      List<SentPacket> lost, long newestSentNanos, boolean persistent, long nowNanos) {
    if (newestSentNanos > episodeStartNanos) {
      episodeStartNanos = nowNanos;
      count = 0;
      isGivenUp = false;
    }
    if (isGivenUp || persistent || count + lost.size() > MAX_WATCHED) {
      isGivenUp = true;
      count = 0;
      return;
    }
    for (SentPacket packet : lost) {
      if (!packet.isMtuProbe()) {
        watched[count++] = packet.packetNumber();
      }
    }
  }

  /** An ACK arrived; true if it is the one that shows the whole episode to be spurious. */
  public boolean onAck(Frame.Ack ack) {
    if (count == 0) {
      return false;
    }
    int left = 0;
    for (int i = 0; i < count; i++) {
      if (!isIn(ack, watched[i])) {
        watched[left++] = watched[i];
      }
    }
    count = left;
    return left == 0;
  }

  private static boolean isIn(Frame.Ack ack, long number) {
    for (int i = 0; i < ack.rangeCount(); i++) {
      if (number >= ack.smallestOf(i)) {
        return number <= ack.largestOf(i);
      }
    }
    return false;
  }
}
