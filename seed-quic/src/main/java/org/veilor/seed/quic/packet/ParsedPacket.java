package org.veilor.seed.quic.packet;

/**
 * What {@link PacketParser} found at one place of a datagram. Header protection is still on;
 * offsets are absolute in the datagram's array, ends are exclusive.
 */
@SuppressWarnings(
    "ArrayRecordComponent") // read once, then dropped; never compared or used as a key
public sealed interface ParsedPacket {
  /** An Initial, 0-RTT or Handshake packet; {@code token} is empty unless it is an Initial. */
  record LongHeader(
      PacketType type,
      ConnectionId destination,
      ConnectionId source,
      byte[] token,
      int startOffset,
      int packetNumberOffset,
      int endOffset)
      implements ParsedPacket {}

  /** A 1-RTT packet; it reaches to the end of the datagram. */
  record ShortHeader(
      ConnectionId destination, int startOffset, int packetNumberOffset, int endOffset)
      implements ParsedPacket {}

  /** A Retry packet; its last 16 bytes are the integrity tag, {@code token} is not empty. */
  record Retry(
      ConnectionId destination, ConnectionId source, byte[] token, int startOffset, int endOffset)
      implements ParsedPacket {}

  /** A Version Negotiation packet and the versions it lists. */
  record VersionNegotiation(ConnectionId destination, ConnectionId source, int[] versions)
      implements ParsedPacket {}

  /** A long header of a version we do not speak; connection ids up to 255 bytes. */
  record UnsupportedVersion(
      int version, ConnectionId destination, ConnectionId source, int datagramLength)
      implements ParsedPacket {}

  /** Not a packet: this and the rest of the datagram are to be dropped. */
  record Malformed(String reason) implements ParsedPacket {}
}
