package org.veilor.seed.gossip.protocol;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.identity.EndpointId;

/**
 * A peer as others tell of it ({@code proto.rs:118}).
 *
 * @param data null if they do not know any
 */
public record PeerInfo(EndpointId id, @Nullable PeerData data) {}
