package org.veilor.seed.node.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.TopicId;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.gossip.GossipListener;
import org.veilor.seed.node.gossip.TopicNetwork;

/** A network side without a network: it remembers what it was opened with. */
public final class FakeEndpoint implements PeerEndpoint {
  /** What it was opened with. */
  public final PeerEndpointFactory.Request request;

  /** Whether it was closed. */
  public volatile boolean closed;

  /** The connections that it says there are. */
  public volatile List<PeerLinkReport> links = List.of();

  /** Creates it. */
  public FakeEndpoint(PeerEndpointFactory.Request request) {
    this.request = request;
  }

  @Override
  public EndpointId id() {
    return request.key().id();
  }

  @Override
  public List<InetSocketAddress> listenAddresses() {
    return request.settings().listen().stream()
        .map(a -> a.getPort() == 0 ? new InetSocketAddress(a.getAddress(), 4999) : a)
        .toList();
  }

  @Override
  public EndpointAddr address() {
    return EndpointAddr.of(id());
  }

  @Override
  public PeerClient client() {
    return addr -> CompletableFuture.failedFuture(new IOException("there is no network"));
  }

  @Override
  public TopicNetwork topics() {
    return new TopicNetwork() {
      @Override
      public void setOwnAddress(EndpointAddr own) {}

      @Override
      public void join(TopicId topic, List<EndpointAddr> contacts, GossipListener listener) {}

      @Override
      public void broadcast(TopicId topic, byte[] content) {}

      @Override
      public void broadcastNeighbors(TopicId topic, byte[] content) {}

      @Override
      public CompletableFuture<List<EndpointAddr>> knownPeers(TopicId topic) {
        return CompletableFuture.completedFuture(List.of());
      }

      @Override
      public CompletableFuture<Void> leave(TopicId topic) {
        return new CompletableFuture<>(); // a dead neighbour, whom nobody may wait for
      }
    };
  }

  @Override
  public List<PeerLinkReport> links() {
    return links;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("connections_open", 3L);
  }

  @Override
  public void close() {
    closed = true;
  }
}
