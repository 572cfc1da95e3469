package org.veilor.seed.gossip.catalogue;

import org.veilor.seed.core.hash.Hash;

/** A page of which only this is in memory. */
record PageRef(PageSlot slot, Hash hash) {}
