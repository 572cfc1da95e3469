package org.veilor.seed.gossip.catalogue;

/**
 * What the header says of one page.
 *
 * @param prefix which keys it holds
 * @param entries how many
 */
public record PageSlot(KeyPrefix prefix, int entries) {}
