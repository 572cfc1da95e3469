package org.veilor.seed.node.gossip;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.net.PeerConnection;

/**
 * Dials peers by their id. Whom the application did not name is dialled at a limited rate: anybody
 * can say that anybody is anywhere (gossip.md W8). On the event loop.
 */
final class Dialler {
  /** What became of a dial; called on the event loop. */
  interface Listener {
    void onConnected(PeerConnection connection);

    /** Whether a dial that has waited is still of use; if not, it is forgotten. */
    boolean isWanted(EndpointId peer);

    /** Called at most once a dial, even if a connection still comes of it. */
    void onFailed(EndpointId peer);
  }

  private final AddressBook book;
  private final GossipCounters counters;
  private final Listener listener;
  private final TokenBucket unsolicited;
  private final ArrayDeque<EndpointId> waiting = new ArrayDeque<>();
  private @Nullable IrohEndpoint endpoint;

  Dialler(AddressBook book, GossipCounters counters, Listener listener, long nowNanos) {
    this.book = book;
    this.counters = counters;
    this.listener = listener;
    this.unsolicited =
        new TokenBucket(
            NetworkLimits.UNSOLICITED_DIALS_PER_SECOND,
            NetworkLimits.UNSOLICITED_DIAL_BURST,
            nowNanos);
  }

  void start(IrohEndpoint opened) {
    endpoint = opened;
  }

  /** Dials, now or when it is this peer's turn; one dial a peer at a time is the caller's duty. */
  void dial(EndpointId peer, long nowNanos) {
    if (book.isTrusted(peer) || unsolicited.take(1, nowNanos)) {
      connect(peer);
    } else if (waiting.size() < NetworkLimits.MAX_WAITING_DIALS) {
      counters.delayedDials.increment();
      waiting.add(peer);
    } else {
      fail(peer);
    }
  }

  /** Dials whose turn it is. */
  void proceed(long nowNanos) {
    for (Iterator<EndpointId> each = waiting.iterator(); each.hasNext(); ) {
      EndpointId peer = each.next();
      if (!listener.isWanted(peer)) {
        each.remove();
      } else if (unsolicited.take(1, nowNanos)) {
        each.remove();
        connect(peer);
      } else {
        return;
      }
    }
  }

  private void connect(EndpointId peer) {
    IrohEndpoint dialling = endpoint;
    EndpointAddr addr = book.find(peer);
    if (dialling == null || addr.ipAddrs().isEmpty()) {
      fail(peer);
      return;
    }
    counters.dials.increment();
    CompletableFuture<PeerConnection> dialled = dialling.connect(addr, GossipLimits.ALPN);
    var _ = dialled.thenAccept(listener::onConnected);
    var _ =
        dialled
            .copy()
            .orTimeout(NetworkLimits.DIAL_NANOS, NANOSECONDS)
            .whenComplete((connection, failure) -> {
              if (failure != null) {
                dialling.onLoop(() -> fail(peer));
              }
            });
  }

  private void fail(EndpointId peer) {
    counters.failedDials.increment();
    listener.onFailed(peer);
  }
}
