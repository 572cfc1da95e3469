package org.veilor.seed.node.download;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.bao.ChunkRanges;

/**
 * A peer that may have a blob.
 *
 * @param known the chunks that it is known to hold; null if that is not known
 */
public record Provider(EndpointAddr addr, @Nullable ChunkRanges known) {
  /** A provider of which nothing is known but where it is. */
  public static Provider of(EndpointAddr addr) {
    return new Provider(addr, null);
  }

  /** Names it. */
  public ProviderId id() {
    return ProviderId.of(addr);
  }
}
