package org.veilor.seed.node.config;

import java.util.List;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.ticket.EndpointTicket;
import org.veilor.seed.core.wire.MalformedException;

/**
 * A peer as operators write it: a ticket of an endpoint, the ticket of any blob that it has, or
 * {@code <64 hex>@ADDR:PORT}, as {@code READY} and {@code status} show the parts.
 */
public final class PeerText {
  private PeerText() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static EndpointAddr parse(String text) {
    try {
      int at = text.indexOf('@');
      if (at > 0) {
        return EndpointAddr.of(
            EndpointId.parse(text.substring(0, at)),
            List.of(TransportAddr.Ip.of(Addresses.socketAddress(text.substring(at + 1)))));
      }
      return text.startsWith("endpoint")
          ? EndpointTicket.parse(text).addr()
          : BlobTicket.parse(text).addr();
    } catch (MalformedException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is neither a ticket nor ENDPOINT@ADDR:PORT: " + e.getMessage(), e);
    }
  }

  /** The text that reads back to the same. */
  public static String format(EndpointAddr peer) {
    return new EndpointTicket(peer).toString();
  }
}
