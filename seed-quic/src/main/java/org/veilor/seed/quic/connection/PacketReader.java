package org.veilor.seed.quic.connection;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.crypto.HeaderProtection;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketNumbers;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Removes header protection, recovers packet numbers and opens packets (RFC 9001 §5, RFC 9000 A.3).
 */
final class PacketReader {
  /** What became of a packet. */
  sealed interface Result {
    /** It authenticated. */
    record Opened(ReceivedPacket packet) implements Result {}

    /** Its keys are not there yet; it may be worth keeping. */
    record TooEarly() implements Result {}

    /** It is a copy, did not authenticate, or its keys are gone. */
    record Dropped(boolean failedToAuthenticate) implements Result {}
  }

  private static final Result TOO_EARLY = new Result.TooEarly();
  private static final Result DROPPED = new Result.Dropped(false);
  private static final Result FORGED = new Result.Dropped(true);

  private final Handshake handshake;
  private final Path path;
  private final Recovery recovery;

  PacketReader(Handshake handshake, Path path, Recovery recovery) {
    this.handshake = handshake;
    this.path = path;
    this.recovery = recovery;
  }

  /** Opens a packet with a long header, in place. */
  Result open(byte[] datagram, ParsedPacket.LongHeader header, NetworkPath from)
      throws TransportException {
    if (header.type() == PacketType.ZERO_RTT) {
      return DROPPED; // no ticket of ours exists, so no 0-RTT can be meant for us
    }
    EncryptionLevel level =
        header.type() == PacketType.INITIAL ? EncryptionLevel.INITIAL : EncryptionLevel.HANDSHAKE;
    LevelKeys keys = handshake.keys(level);
    if (keys == null) {
      return handshake.isDiscarded(level) ? DROPPED : TOO_EARLY;
    }
    int start = header.startOffset();
    int numberOffset = header.packetNumberOffset();
    PacketSlice slice =
        unmask(datagram, keys.openHeader(), start, numberOffset, header.endOffset(), level);
    if (slice == null) {
      return DROPPED;
    }
    int length = slice.openWith(keys.open(), datagram);
    if (length < 0) {
      return FORGED;
    }
    checkReservedBits(datagram[start] & 0x0c);
    return opened(level, slice, header.destination(), from, datagram, length);
  }

  /** Opens a packet with a short header, in place. */
  Result open(byte[] datagram, ParsedPacket.ShortHeader header, NetworkPath from, long nowNanos)
      throws TransportException {
    OneRttKeys keys = handshake.oneRttKeys();
    // RFC 9001 §5.7: a server must not process 1-RTT packets before the handshake is complete.
    if (keys == null || !handshake.isComplete()) {
      return TOO_EARLY;
    }
    int start = header.startOffset();
    PacketSlice slice =
        unmask(
            datagram,
            keys.openHeader(),
            start,
            header.packetNumberOffset(),
            header.endOffset(),
            EncryptionLevel.ONE_RTT);
    if (slice == null) {
      return DROPPED;
    }
    int phase = (datagram[start] >> 2) & 1;
    long keepNanos = 3 * recovery.ptoDurationNanos(EncryptionLevel.ONE_RTT);
    int length = keys.open(datagram, slice, phase, keepNanos, nowNanos);
    if (length < 0) {
      return FORGED;
    }
    checkReservedBits(datagram[start] & 0x18);
    return opened(EncryptionLevel.ONE_RTT, slice, header.destination(), from, datagram, length);
  }

  /** The unmasked packet, or null for a duplicate, which needs no decryption. */
  private @Nullable PacketSlice unmask(
      byte[] datagram,
      HeaderProtection protection,
      int start,
      int numberOffset,
      int end,
      EncryptionLevel level) {
    int numberLength = protection.remove(datagram, start, numberOffset);
    long truncated = 0;
    for (int i = 0; i < numberLength; i++) {
      truncated = truncated << 8 | (datagram[numberOffset + i] & 0xff);
    }
    PacketSpace space = recovery.space(level);
    long number = PacketNumbers.decode(space.received().largest(), truncated, numberLength);
    if (space.received().isDuplicate(number)) {
      return null;
    }
    int pathId = level == EncryptionLevel.ONE_RTT ? path.id() : 0;
    return new PacketSlice(start, numberOffset + numberLength, end, pathId, number);
  }

  /**
   * RFC 9000 §17.2: "An endpoint MUST treat receipt of a packet that has a non-zero value for these
   * bits after removing both packet and header protection as a connection error".
   */
  private static void checkReservedBits(int bits) throws TransportException {
    if (bits != 0) {
      throw new TransportException(
          TransportErrorCode.PROTOCOL_VIOLATION, "reserved header bits are set");
    }
  }

  private static Result opened(
      EncryptionLevel level,
      PacketSlice slice,
      ConnectionId destination,
      NetworkPath from,
      byte[] datagram,
      int length) {
    ByteBuffer payload = ByteBuffer.wrap(datagram, slice.payloadOffset(), length).slice();
    int size = slice.endOffset() - slice.headerOffset();
    return new Result.Opened(
        new ReceivedPacket(level, slice.packetNumber(), size, destination, from, payload));
  }
}
