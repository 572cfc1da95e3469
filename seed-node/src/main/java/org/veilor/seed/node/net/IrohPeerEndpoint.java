package org.veilor.seed.node.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.veilor.seed.blobs.protocol.BlobsLimits;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.gossip.protocol.GossipLimits;
import org.veilor.seed.gossip.service.MembershipProof;
import org.veilor.seed.gossip.topic.GossipConfig;
import org.veilor.seed.net.EndpointCounters;
import org.veilor.seed.net.IrohEndpoint;
import org.veilor.seed.node.daemon.NodeException;
import org.veilor.seed.node.daemon.PeerEndpoint;
import org.veilor.seed.node.daemon.PeerEndpointFactory;
import org.veilor.seed.node.daemon.PeerLinkReport;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.engine.EngineWarmUp;
import org.veilor.seed.node.gossip.GossipNetwork;
import org.veilor.seed.node.gossip.TopicNetwork;
import org.veilor.seed.node.membership.Groups;
import org.veilor.seed.node.membership.MemberNetwork;
import org.veilor.seed.node.membership.ProvingClient;
import org.veilor.seed.quic.connection.TransportConfig;
import org.veilor.seed.quic.endpoint.EndpointStats;
import org.veilor.seed.quic.stream.StreamLimits;

/** The daemon's iroh endpoint with the protocols that it provides. */
public final class IrohPeerEndpoint implements PeerEndpoint {
  /**
   * What a connection may have sent us and we have not read: requests are 100 bytes, 1 MiB at most.
   */
  private static final long RECEIVE_WINDOW_BYTES = 32 * 1024;

  /** Pieces behind gaps: more than a window of whole packets can have, each costs 200 bytes. */
  private static final int MAX_GAPS = 16;

  /** Requests at once, of one connection: what a Rust provider allows. */
  private static final int MAX_REQUESTS = 100;

  private final IrohEndpoint endpoint;
  private final BlobsProtocol blobs;
  private final GossipNetwork gossip;
  private final MemberNetwork members;
  private final PeerClient client;

  private IrohPeerEndpoint(
      IrohEndpoint endpoint,
      BlobsProtocol blobs,
      GossipNetwork gossip,
      MemberNetwork members,
      Groups groups) {
    this.gossip = gossip;
    this.members = members;
    this.endpoint = endpoint;
    this.blobs = blobs;
    this.client =
        new ProvingClient(
            new NetPeerClient(endpoint), groups, members::prove, System::currentTimeMillis);
  }

  /**
   * Opens the endpoint; a {@link PeerEndpointFactory}.
   *
   * @throws NodeException if an address cannot be bound, with the cure
   */
  public static PeerEndpoint open(PeerEndpointFactory.Request request) throws NodeException {
    BlobsProtocol blobs =
        new BlobsProtocol(
            request.blobs(),
            request.wrongContent(),
            new UploadLimit(request.limits().uploadBytesPerSecond()));
    GossipNetwork gossip =
        new GossipNetwork(request.key().id(), GossipConfig.hardened(), new SecureRandom());
    MemberNetwork members = new MemberNetwork(request.key().id(), request.groups());
    IrohEndpoint.Builder builder =
        IrohEndpoint.builder(request.key())
            .maxConnections(request.limits().connections())
            .transport(transport())
            .dialTransport(dialTransport())
            .accept(BlobsLimits.ALPN, blobs)
            .accept(GossipLimits.ALPN, gossip)
            .accept(MembershipProof.ALPN, members);
    request.settings().listen().forEach(builder::bind);
    Path qlog = request.settings().qlog();
    if (qlog != null) {
      builder.qlogFolder(qlog);
    }
    try {
      IrohEndpoint endpoint = builder.start();
      blobs.start(endpoint::onLoop);
      EngineWarmUp.start();
      members.start(endpoint);
      IrohPeerEndpoint opened =
          new IrohPeerEndpoint(endpoint, blobs, gossip, members, request.groups());
      gossip.start(endpoint, opened.address());
      return opened;
    } catch (IOException e) {
      blobs.close();
      gossip.close();
      members.close();
      throw new NodeException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * A provider receives requests and sends blobs: small windows towards us, so that what all peers
   * together can make us hold stays low (docs/limits.md), no datagrams, and no streams but
   * requests.
   */
  private static TransportConfig transport() {
    TransportConfig defaults = TransportConfig.defaults();
    StreamLimits streams = defaults.streams();
    return defaults
        .withStreams(
            new StreamLimits(
                RECEIVE_WINDOW_BYTES,
                RECEIVE_WINDOW_BYTES,
                RECEIVE_WINDOW_BYTES,
                RECEIVE_WINDOW_BYTES,
                MAX_REQUESTS,
                GossipNetwork.TOPIC_STREAMS,
                streams.sendBufferPerStream(),
                streams.sendBufferPerConnection(),
                MAX_GAPS))
        .withDatagrams(0, 0);
  }

  /** A getter's windows: what may be on its way from one provider. */
  private static TransportConfig dialTransport() {
    TransportConfig defaults = TransportConfig.defaults();
    return defaults
        .withStreams(defaults.streams().withMaxStreams(MAX_REQUESTS, GossipNetwork.TOPIC_STREAMS))
        .withDatagrams(0, 0);
  }

  @Override
  public PeerClient client() {
    return client;
  }

  @Override
  public TopicNetwork topics() {
    return gossip;
  }

  @Override
  public EndpointId id() {
    return endpoint.id();
  }

  @Override
  public List<InetSocketAddress> listenAddresses() {
    return endpoint.boundAddresses();
  }

  @Override
  public EndpointAddr address() {
    return EndpointAddr.of(
        endpoint.id(), endpoint.boundAddresses().stream().map(TransportAddr.Ip::of).toList());
  }

  @Override
  public List<PeerLinkReport> links() {
    return endpoint.connections().stream()
        .map(each ->
            new PeerLinkReport(
                each.remoteId(),
                each.address(),
                each.alpn(),
                each.isDialled(),
                each.stats().sentBytes(),
                each.stats().receivedBytes(),
                each.stats().smoothedRttNanos()))
        .toList();
  }

  @Override
  public Map<String, Long> counters() {
    EndpointCounters net = endpoint.counters();
    EndpointStats quic = net.quic();
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("connections", (long) quic.connections());
    counters.put("handshakes", (long) quic.handshakes());
    counters.put("connections_accepted", quic.accepted());
    counters.put("connections_dialled", quic.dialled());
    counters.put("connections_established", quic.established());
    counters.put("connections_refused", quic.refused());
    counters.put("retries_sent", quic.retries());
    counters.put("version_negotiations_sent", quic.versionNegotiations());
    counters.put("stateless_resets_sent", quic.resetsSent());
    counters.put("stateless_resets_received", quic.resetsReceived());
    counters.put("garbage_datagrams", quic.garbage());
    counters.put("received_datagrams", net.receivedDatagrams());
    counters.put("received_bytes", net.receivedBytes());
    counters.put("sent_datagrams", net.sentDatagrams());
    counters.put("sent_bytes", net.sentBytes());
    counters.put("requests_open", (long) blobs.openRequests());
    counters.put("connections_closed_for_memory", blobs.closedForMemory());
    counters.putAll(blobs.counters().toMap());
    counters.putAll(members.counters());
    gossip.counters().forEach((name, count) -> counters.put("gossip_" + name, count));
    return counters;
  }

  @Override
  public void close() {
    gossip.close();
    members.close();
    endpoint.close();
    blobs.close();
  }
}
