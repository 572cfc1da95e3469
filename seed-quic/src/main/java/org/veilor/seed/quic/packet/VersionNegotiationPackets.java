package org.veilor.seed.quic.packet;

import java.nio.ByteBuffer;

/** Version Negotiation packets, RFC 9000 §17.2.1: we speak version 1 only. */
public final class VersionNegotiationPackets {
  private VersionNegotiationPackets() {}

  /**
   * A whole datagram.
   *
   * @param destination the client's source connection id
   * @param source the client's destination connection id
   * @param firstByteRandom its lowest six bits fill the unused bits
   */
  public static byte[] encode(ConnectionId destination, ConnectionId source, byte firstByteRandom) {
    ByteBuffer out =
        ByteBuffer.allocate(1 + 4 + 1 + destination.length() + 1 + source.length() + 4);
    // RFC 9000 §17.2.1: a server SHOULD set the most significant of the unused bits (0x40) to 1.
    out.put((byte) (PacketParser.FORM_BIT | PacketParser.FIXED_BIT | (firstByteRandom & 0x3f)));
    out.putInt(0).put((byte) destination.length());
    destination.writeTo(out);
    out.put((byte) source.length());
    source.writeTo(out);
    out.putInt(PacketParser.VERSION_1);
    return out.array();
  }
}
