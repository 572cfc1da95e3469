package org.veilor.seed.node.daemon;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.TreeSet;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.ticket.BlobTicket;

/** Makes tickets for what this endpoint provides. */
final class Tickets {
  /** What a ticket says of how to reach this endpoint. */
  enum Format {
    /** Its id only; who has the ticket looks the addresses up. */
    ID,
    /** Its id and addresses. */
    ADDRESSES
  }

  private final PeerEndpoint endpoint;
  private final List<InetSocketAddress> advertise;

  Tickets(PeerEndpoint endpoint, List<InetSocketAddress> advertise) {
    this.endpoint = endpoint;
    this.advertise = advertise;
  }

  /** The ticket of a blob or collection. */
  String of(HashAndFormat content, Format format) {
    EndpointAddr address = format == Format.ID ? EndpointAddr.of(endpoint.id()) : address();
    return new BlobTicket(address, content).toString();
  }

  /** How this endpoint can be reached now. */
  EndpointAddr address() {
    TreeSet<TransportAddr> addresses =
        new TreeSet<>(
            TicketAddresses.choose(
                advertise, endpoint.listenAddresses(), TicketAddresses.ofInterfaces()));
    for (TransportAddr own : endpoint.address().addrs()) {
      if (!(own instanceof TransportAddr.Ip)) {
        addresses.add(own);
      }
    }
    return EndpointAddr.of(endpoint.id(), addresses);
  }
}
