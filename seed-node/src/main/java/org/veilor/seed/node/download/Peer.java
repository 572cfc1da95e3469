package org.veilor.seed.node.download;

import org.jspecify.annotations.Nullable;

/** A provider, as the thread of one download sees it. */
final class Peer {
  final Provider provider;
  @Nullable PeerLink link;
  @Nullable RequestRun observer;

  /** Counts connections, so that late news of an old one are told apart. */
  int generation;

  Peer(Provider provider) {
    this.provider = provider;
  }

  ProviderId id() {
    return provider.id();
  }

  /** Forgets the connection. */
  void drop() {
    generation++;
    link = null;
    if (observer != null) {
      observer.cancel();
      observer = null;
    }
  }
}
