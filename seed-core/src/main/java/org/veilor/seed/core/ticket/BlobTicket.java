package org.veilor.seed.core.ticket;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpCodec;
import org.veilor.seed.core.address.RelayUrl;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * A ticket that names a blob and an endpoint that provides it: {@code blob…} (iroh-blobs {@code
 * ticket.rs}).
 *
 * <p>Its bytes use the old layout of addresses, not that of {@link EndpointAddr}: variant 0, id,
 * one optional relay, the IP addresses, format, hash. Further relays and custom addresses are lost.
 * Trailing bytes are ignored, as in iroh-blobs.
 */
public record BlobTicket(EndpointAddr addr, HashAndFormat content) {
  private static final String KIND = "blob";
  private static final int MIN_IP_BYTES = 6;

  /**
   * Reads the text form.
   *
   * @throws MalformedException if it is no such ticket
   */
  public static BlobTicket parse(String text) throws MalformedException {
    return ofBytes(TicketText.parse(KIND, text));
  }

  /**
   * Reads the binary form.
   *
   * @throws MalformedException if it is no such ticket
   */
  public static BlobTicket ofBytes(byte[] bytes) throws MalformedException {
    PostcardReader in = new PostcardReader(bytes);
    in.readVariant(1);
    EndpointId id = EndpointId.of(in.readFixed(EndpointId.LENGTH));
    List<TransportAddr> addrs = new ArrayList<>();
    if (in.readBoolean()) {
      addrs.add(new TransportAddr.Relay(RelayUrl.parse(in.readText(CoreLimits.MAX_URL_BYTES))));
    }
    int count = in.readCount(CoreLimits.MAX_TRANSPORT_ADDRS, MIN_IP_BYTES);
    for (int i = 0; i < count; i++) {
      addrs.add(IpCodec.decode(in));
    }
    BlobFormat format = BlobFormat.decode(in);
    Hash hash = Hash.of(in.readFixed(Hash.LENGTH));
    return new BlobTicket(EndpointAddr.of(id, addrs), new HashAndFormat(hash, format));
  }

  /** The binary form. */
  public byte[] toBytes() {
    PostcardWriter out = new PostcardWriter().writeVarint(0).writeFixed(addr.id().toBytes());
    Optional<RelayUrl> relay = addr.relayUrl();
    out.writeBoolean(relay.isPresent());
    relay.ifPresent(url -> out.writeText(url.toString()));
    List<TransportAddr.Ip> ips = addr.ipAddrs();
    out.writeVarint(ips.size());
    ips.forEach(ip -> IpCodec.encode(ip, out));
    content.format().encode(out);
    return out.writeFixed(content.hash().toBytes()).toBytes();
  }

  /** The text form. */
  @Override
  public String toString() {
    return TicketText.format(KIND, toBytes());
  }
}
