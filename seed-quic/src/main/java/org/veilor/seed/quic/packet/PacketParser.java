package org.veilor.seed.quic.packet;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.veilor.seed.quic.packet.ParsedPacket.LongHeader;
import org.veilor.seed.quic.packet.ParsedPacket.Malformed;
import org.veilor.seed.quic.packet.ParsedPacket.Retry;
import org.veilor.seed.quic.packet.ParsedPacket.ShortHeader;
import org.veilor.seed.quic.packet.ParsedPacket.UnsupportedVersion;
import org.veilor.seed.quic.packet.ParsedPacket.VersionNegotiation;

/**
 * Finds the packets of a datagram (RFC 9000 §12.2, §17) as far as header protection allows. Takes
 * any bytes and never throws: whatever is not a packet is {@link Malformed}.
 */
public final class PacketParser {
  /** QUIC version 1. */
  public static final int VERSION_1 = 1;

  static final int FORM_BIT = 0x80;
  static final int FIXED_BIT = 0x40;
  static final int RETRY_TAG_LENGTH = 16;

  /**
   * The sample starts four bytes after the packet number does and has 16 bytes (RFC 9001 §5.4.2).
   */
  private static final int MIN_PROTECTED_LENGTH = 4 + 16;

  private PacketParser() {}

  /** Whether a packet with this first byte has a long header. */
  public static boolean isLongHeader(byte firstByte) {
    return (firstByte & FORM_BIT) != 0;
  }

  /**
   * Parses the packet that starts at {@code offset}; the next one, if any, starts at its {@code
   * endOffset}.
   *
   * @param localConnectionIdLength length of the connection ids this endpoint gives out, for short
   *     headers
   */
  public static ParsedPacket parse(
      byte[] datagram, int offset, int end, int localConnectionIdLength) {
    if (offset >= end) {
      return new Malformed("empty");
    }
    return isLongHeader(datagram[offset])
        ? parseLong(datagram, offset, end)
        : parseShort(datagram, offset, end, localConnectionIdLength);
  }

  private static ParsedPacket parseShort(byte[] datagram, int offset, int end, int idLength) {
    if ((datagram[offset] & FIXED_BIT) == 0) {
      return new Malformed("fixed bit is 0");
    }
    int packetNumberOffset = offset + 1 + idLength;
    if (end - packetNumberOffset < MIN_PROTECTED_LENGTH) {
      return new Malformed("too short for a 1-RTT packet");
    }
    return new ShortHeader(
        ConnectionId.of(datagram, offset + 1, idLength), offset, packetNumberOffset, end);
  }

  private static ParsedPacket parseLong(byte[] datagram, int offset, int end) {
    ByteBuffer in = ByteBuffer.wrap(datagram, offset, end - offset);
    try {
      byte first = in.get();
      int version = in.getInt();
      ConnectionId destination = readConnectionId(in);
      ConnectionId source = readConnectionId(in);
      if (version == 0) {
        return parseVersionNegotiation(in, destination, source);
      }
      if (version != VERSION_1) {
        return new UnsupportedVersion(version, destination, source, end - offset);
      }
      // RFC 9000 §17.2: endpoints that receive a version 1 long header with a value larger than 20
      // MUST drop the packet.
      if (destination.length() > ConnectionId.MAX_LENGTH
          || source.length() > ConnectionId.MAX_LENGTH) {
        return new Malformed("connection id longer than 20 bytes");
      }
      if ((first & FIXED_BIT) == 0) {
        return new Malformed("fixed bit is 0");
      }
      return switch ((first >>> 4) & 3) {
        case 0 -> parseProtected(PacketType.INITIAL, in, destination, source, offset);
        case 1 -> parseProtected(PacketType.ZERO_RTT, in, destination, source, offset);
        case 2 -> parseProtected(PacketType.HANDSHAKE, in, destination, source, offset);
        default -> parseRetry(in, destination, source, offset, end);
      };
    } catch (BufferUnderflowException e) {
      return new Malformed("truncated long header");
    }
  }

  private static ParsedPacket parseProtected(
      PacketType type,
      ByteBuffer in,
      ConnectionId destination,
      ConnectionId source,
      int startOffset) {
    byte[] token = new byte[0];
    if (type == PacketType.INITIAL) {
      long tokenLength = VarInt.read(in);
      if (tokenLength > in.remaining()) {
        return new Malformed("token reaches beyond the datagram");
      }
      token = new byte[(int) tokenLength];
      in.get(token);
    }
    long length = VarInt.read(in);
    if (length > in.remaining()) {
      return new Malformed("packet reaches beyond the datagram");
    }
    if (length < MIN_PROTECTED_LENGTH) {
      return new Malformed("packet too short for header protection");
    }
    int packetNumberOffset = in.position();
    return new LongHeader(
        type,
        destination,
        source,
        token,
        startOffset,
        packetNumberOffset,
        packetNumberOffset + (int) length);
  }

  private static ParsedPacket parseRetry(
      ByteBuffer in, ConnectionId destination, ConnectionId source, int startOffset, int end) {
    // RFC 9000 §17.2.5.2: a client MUST discard a Retry packet with a zero-length Retry Token
    // field.
    if (in.remaining() <= RETRY_TAG_LENGTH) {
      return new Malformed("Retry without a token");
    }
    byte[] token = new byte[in.remaining() - RETRY_TAG_LENGTH];
    in.get(token);
    return new Retry(destination, source, token, startOffset, end);
  }

  private static ParsedPacket parseVersionNegotiation(
      ByteBuffer in, ConnectionId destination, ConnectionId source) {
    if (in.remaining() == 0 || in.remaining() % Integer.BYTES != 0) {
      return new Malformed("version list of " + in.remaining() + " bytes");
    }
    int[] versions = new int[in.remaining() / Integer.BYTES];
    in.asIntBuffer().get(versions);
    return new VersionNegotiation(destination, source, versions);
  }

  private static ConnectionId readConnectionId(ByteBuffer in) {
    int length = in.get() & 0xff;
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ConnectionId id = ConnectionId.of(in.array(), in.arrayOffset() + in.position(), length);
    in.position(in.position() + length);
    return id;
  }
}
