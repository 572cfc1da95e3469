package org.veilor.seed.node.download;

import java.util.concurrent.CompletionStage;
import org.veilor.seed.core.address.EndpointAddr;

/** Opens connections to providers of blobs. */
@FunctionalInterface
public interface PeerClient {
  /**
   * Connects. Must not block; fails with an exception whose message says what was tried (wrong key,
   * no answer, no common protocol), an {@link UnreachableException} where another try would be in
   * vain.
   */
  CompletionStage<PeerLink> connect(EndpointAddr addr);
}
