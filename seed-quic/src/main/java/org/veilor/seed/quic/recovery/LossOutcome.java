package org.veilor.seed.quic.recovery;

import java.util.List;

/**
 * What loss detection found.
 *
 * @param lost packets now deemed lost, ascending
 * @param isPersistent whether they prove persistent congestion (RFC 9002 §7.6)
 */
public record LossOutcome(List<SentPacket> lost, boolean isPersistent) {}
