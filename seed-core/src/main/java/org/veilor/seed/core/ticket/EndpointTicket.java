package org.veilor.seed.core.ticket;

import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * A ticket that names an endpoint: {@code endpoint…} (iroh-tickets 1.0, {@code endpoint.rs}).
 *
 * <p>Bytes: variant 0, then the {@link EndpointAddr}. Trailing bytes are ignored, as in iroh.
 */
public record EndpointTicket(EndpointAddr addr) {
  private static final String KIND = "endpoint";

  /**
   * Reads the text form.
   *
   * @throws MalformedException if it is no such ticket
   */
  public static EndpointTicket parse(String text) throws MalformedException {
    return ofBytes(TicketText.parse(KIND, text));
  }

  /**
   * Reads the binary form.
   *
   * @throws MalformedException if it is no such ticket
   */
  public static EndpointTicket ofBytes(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(bytes);
    in.readVariant(1);
    return new EndpointTicket(EndpointAddr.decode(in));
  }

  /** The binary form. */
  public byte[] toBytes() {
    PostcardWriter out = new PostcardWriter().writeVarint(0);
    addr.encode(out);
    return out.toBytes();
  }

  /** The text form. */
  @Override
  public String toString() {
    return TicketText.format(KIND, toBytes());
  }
}
