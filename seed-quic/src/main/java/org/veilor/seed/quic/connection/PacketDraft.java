package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import org.veilor.seed.quic.crypto.PacketProtection;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketNumbers;
import org.veilor.seed.quic.packet.VarInt;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** A packet being written into a datagram: header first, then frames, then protection in place. */
final class PacketDraft {
  /**
   * Bytes that protect the header: the sample starts four bytes behind the packet number's start.
   */
  private static final int MIN_NUMBER_AND_PAYLOAD = 4;

  private static final int QUIC_V1 = 1;
  private static final int INITIAL_FIRST_BYTE = 0xc0;
  private static final int HANDSHAKE_FIRST_BYTE = 0xe0;
  private static final int SHORT_FIRST_BYTE = 0x40;

  private final EncryptionLevel level;
  private final byte[] datagram;
  private final int start;
  private final ByteBuffer out;
  private final long packetNumber;
  private final int numberLength;
  private int lengthOffset;
  private int numberOffset;
  private int payloadOffset;
  private boolean padded;

  /**
   * A draft between {@code start} and {@code end}; the room for the AEAD tag is set aside.
   *
   * @param largestAcked decides how many bytes the packet number takes
   */
  PacketDraft(
      EncryptionLevel level,
      byte[] datagram,
      int start,
      int end,
      long packetNumber,
      long largestAcked) {
    this.level = level;
    this.datagram = datagram;
    this.start = start;
    this.packetNumber = packetNumber;
    this.numberLength = PacketNumbers.encodedLength(packetNumber, largestAcked);
    this.out = ByteBuffer.wrap(datagram, 0, end - PacketProtection.TAG_LENGTH).position(start);
  }

  void longHeader(ConnectionId destination, ConnectionId source, byte[] token) {
    boolean isInitial = level == EncryptionLevel.INITIAL;
    int first = isInitial ? INITIAL_FIRST_BYTE : HANDSHAKE_FIRST_BYTE;
    out.put((byte) (first | numberLength - 1));
    out.putInt(QUIC_V1);
    out.put((byte) destination.length());
    destination.writeTo(out);
    out.put((byte) source.length());
    source.writeTo(out);
    if (isInitial) {
      VarInt.write(out, token.length);
      out.put(token);
    }
    lengthOffset = out.position();
    out.putShort((short) 0);
    number();
  }

  void shortHeader(ConnectionId destination, int keyPhase) {
    out.put((byte) (SHORT_FIRST_BYTE | keyPhase << 2 | numberLength - 1));
    destination.writeTo(out);
    number();
  }

  private void number() {
    numberOffset = out.position();
    PacketNumbers.write(out, packetNumber, numberLength);
    payloadOffset = out.position();
  }

  /** Where frames go. */
  ByteBuffer frames() {
    return out;
  }

  /** The frames written so far; to be read before the packet is sealed. */
  ByteBuffer payload() {
    return out.duplicate().flip().position(payloadOffset);
  }

  boolean isEmpty() {
    return out.position() == payloadOffset;
  }

  long packetNumber() {
    return packetNumber;
  }

  /** Bytes that the sealed packet would have now. */
  int sizeBytes() {
    return out.position() - start + PacketProtection.TAG_LENGTH;
  }

  /** Bytes left in the datagram behind the sealed packet, up to {@code end}. */
  int roomBehind(int end) {
    return end - out.position() - PacketProtection.TAG_LENGTH;
  }

  /** Fills with PADDING frames up to a size of the sealed packet. */
  void padTo(int sizeBytes) {
    int upTo = start + sizeBytes - PacketProtection.TAG_LENGTH;
    while (out.position() < upTo) {
      out.put((byte) 0);
      padded = true;
    }
  }

  /** Whether {@link #padTo} added something: such a packet counts as in flight (RFC 9002 §2). */
  boolean isPadded() {
    return padded;
  }

  private void padForSample() {
    while (out.position() - numberOffset < MIN_NUMBER_AND_PAYLOAD) {
      out.put((byte) 0);
    }
  }

  /** Protects with the keys of Initial or Handshake; the size of the packet. */
  int seal(LevelKeys keys) {
    padForSample();
    int payloadLength = out.position() - payloadOffset;
    ByteBuffer length = ByteBuffer.wrap(datagram).position(lengthOffset);
    VarInt.writeTwoBytes(length, numberLength + payloadLength + PacketProtection.TAG_LENGTH);
    keys.seal().seal(datagram, start, payloadOffset, payloadLength, 0, packetNumber);
    keys.sealHeader().apply(datagram, start, numberOffset, numberLength);
    return sizeBytes();
  }

  /** Protects with 1-RTT keys; the size of the packet. */
  int seal(OneRttKeys keys, int pathId) {
    padForSample();
    int payloadLength = out.position() - payloadOffset;
    keys.seal(datagram, start, payloadOffset, payloadLength, pathId, packetNumber);
    keys.sealHeader().apply(datagram, start, numberOffset, numberLength);
    return sizeBytes();
  }
}
