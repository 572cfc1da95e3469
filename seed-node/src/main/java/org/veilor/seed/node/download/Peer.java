package org.veilor.seed.node.download;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A provider, as the thread of one download sees it. */
final class Peer {
  /** Opens a connection. */
  @FunctionalInterface
  interface Connector {
    CompletionStage<PeerLink> connect();
  }

  private final ProviderId id;
  final Connector connector;
  @Nullable PeerLink link;
  @Nullable RequestRun observer;

  /** Counts connections, so that late news of an old one are told apart. */
  int generation;

  Peer(ProviderId id, Connector connector) {
    this.id = id;
    this.connector = connector;
  }

  ProviderId id() {
    return id;
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
