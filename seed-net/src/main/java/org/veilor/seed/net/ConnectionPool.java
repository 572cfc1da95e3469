package org.veilor.seed.net;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;

/**
 * One connection a peer and protocol, shared by all who need it: a second dial to a peer waits for
 * the first one's connection instead of making another.
 */
public final class ConnectionPool {
  /** Application code of a connection that nobody needs any more. */
  private static final long NORMAL = 0;

  private final IrohEndpoint endpoint;
  private final String alpn;
  private final int maxConnections;
  private final Map<EndpointId, CompletableFuture<PeerConnection>> connections = new HashMap<>();

  /** A pool for one protocol, of so many peers at most. */
  public ConnectionPool(IrohEndpoint endpoint, String alpn, int maxConnections) {
    this.endpoint = endpoint;
    this.alpn = alpn;
    this.maxConnections = maxConnections;
  }

  /** The peer's connection: the open one, the one being dialled, or a new one. */
  public synchronized CompletableFuture<PeerConnection> get(EndpointAddr peer) {
    CompletableFuture<PeerConnection> known = connections.get(peer.id());
    if (known != null) {
      return known;
    }
    if (connections.size() >= maxConnections) {
      return CompletableFuture.failedFuture(
          new ConnectionClosedException(
              "already connected to " + maxConnections + " peers, the limit of this pool"));
    }
    CompletableFuture<PeerConnection> dialled = endpoint.connect(peer, alpn);
    connections.put(peer.id(), dialled);
    var _ =
        dialled.whenComplete((connection, failure) -> {
          if (failure != null) {
            forget(peer.id(), dialled);
          } else {
            var _ = connection.closed().thenRun(() -> forget(peer.id(), dialled));
          }
        });
    return dialled;
  }

  /** Closes the peer's connection, if there is one. */
  public void release(EndpointId peer) {
    CompletableFuture<PeerConnection> known;
    synchronized (this) {
      known = connections.remove(peer);
    }
    if (known != null) {
      var _ = known.thenAccept(connection -> connection.close(NORMAL, ""));
    }
  }

  /** Peers connected or being dialled. */
  public synchronized int size() {
    return connections.size();
  }

  private synchronized void forget(EndpointId peer, CompletableFuture<PeerConnection> connection) {
    connections.remove(peer, connection);
  }
}
