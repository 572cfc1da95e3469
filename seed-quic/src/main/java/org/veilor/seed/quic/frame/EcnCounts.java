package org.veilor.seed.quic.frame;

/**
 * Totals of the packets received with each ECN mark in one packet number space, RFC 9000 §19.3.2.
 */
public record EcnCounts(long ect0, long ect1, long ce) {}
