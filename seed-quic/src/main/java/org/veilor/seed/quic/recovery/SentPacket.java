package org.veilor.seed.quic.recovery;

import java.util.List;
import org.veilor.seed.quic.path.Route;

/**
 * A packet in flight.
 *
 * @param packetNumber its number
 * @param route where it was sent: round-trip time and congestion belong to that route
 * @param sizeBytes its bytes on the wire, UDP payload
 * @param isAckEliciting whether the peer must acknowledge it
 * @param isInFlight whether it counts against the congestion window (RFC 9002 §2)
 * @param frames what its owners want to know about
 */
public record SentPacket(
    long packetNumber,
    Route route,
    long sentNanos,
    int sizeBytes,
    boolean isAckEliciting,
    boolean isInFlight,
    List<SentFrame> frames) {
  /** Whether it only probes for a larger datagram size: its loss is no sign of congestion. */
  public boolean isMtuProbe() {
    return frames.size() == 1 && frames.getFirst() instanceof SentFrame.MtuProbe;
  }
}
