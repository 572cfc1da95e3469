package org.veilor.seed.quic.recovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an ACK frame newly said.
 *
 * @param acked packets acknowledged for the first time, ascending
 * @param largestNewlyAcked the newest of them if it is the frame's largest: only then is there a
 *     round-trip sample (RFC 9002 §5.1)
 * @param hasAckEliciting whether one of them asked for the acknowledgement
 */
public record AckOutcome(
    List<SentPacket> acked, @Nullable SentPacket largestNewlyAcked, boolean hasAckEliciting) {}
