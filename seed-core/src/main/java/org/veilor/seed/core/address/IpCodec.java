package org.veilor.seed.core.address;

import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.core.wire.PostcardReader;
import org.veilor.seed.core.wire.PostcardWriter;

/**
 * The postcard form of Rust's {@code SocketAddr}: 0 and 4 bytes, or 1 and 16 bytes, then the port
 * as a varint. Flow label and scope of IPv6 are not carried.
 */
public final class IpCodec {
  private IpCodec() {}

  /** Writes address and port. */
  public static void encode(TransportAddr.Ip ip, PostcardWriter out) {
    out.writeVarint(ip.address().isIpv4() ? 0 : 1)
        .writeFixed(ip.address().toBytes())
        .writeVarint(ip.port());
  }

  /** Reads address and port. */
  public static TransportAddr.Ip decode(PostcardReader in) throws MalformedException {
    int length = in.readVariant(2) == 0 ? IpAddress.IPV4_LENGTH : IpAddress.IPV6_LENGTH;
    return new TransportAddr.Ip(IpAddress.of(in.readFixed(length)), in.readU16());
  }
}
