package org.veilor.seed.node.daemon;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.node.download.PeerClient;
import org.veilor.seed.node.gossip.TopicNetwork;

/** The network side of the daemon: an iroh endpoint that provides blobs. */
public interface PeerEndpoint extends AutoCloseable {
  /** Its id. */
  EndpointId id();

  /** The addresses it really listens on, with the ports that were chosen for 0. */
  List<InetSocketAddress> listenAddresses();

  /** Its own idea of how it can be reached; the daemon adds what is configured for tickets. */
  EndpointAddr address();

  /** Dials providers from this endpoint. */
  PeerClient client();

  /** Its gossip. */
  TopicNetwork topics();

  /** The connections that there are. */
  List<PeerLinkReport> links();

  /** Counters for the status, by name in snake case. */
  Map<String, Long> counters();

  /** Closes every connection and frees the ports. */
  @Override
  void close();
}
