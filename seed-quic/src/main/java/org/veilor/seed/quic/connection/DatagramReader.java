package org.veilor.seed.quic.connection;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketParser;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Takes datagrams apart into packets (RFC 9000 §12.2), opens those whose keys are there, and keeps
 * a few of those whose keys are still to come (§5.7).
 */
final class DatagramReader {
  /** Who is told what was in a datagram. */
  interface Owner {
    /**
     * A packet authenticated.
     *
     * @param source the peer's id in a long header, null for a short one
     */
    void onOpened(ReceivedPacket packet, Incoming in, @Nullable ConnectionId source, long nowNanos)
        throws TransportException;

    /** A packet is a copy, a forgery, of an unknown kind, or its keys are gone. */
    void onUseless(int datagramLength, long nowNanos);

    /** Whether packets may be kept until their keys come. */
    boolean mayKeep();

    void onRetry(byte[] datagram, ParsedPacket.Retry retry, long nowNanos);

    void onVersionNegotiation(ParsedPacket.VersionNegotiation negotiation);

    /** Whether what did not authenticate is a stateless reset, which is then acted upon. */
    boolean takesStatelessReset(byte[] datagram, int end, long nowNanos);

    /** The connection error that a packet is. */
    void onError(TransportException e, long nowNanos);
  }

  /** Where a packet came from, and in what. */
  @SuppressWarnings("ArrayRecordComponent") // parameters of one call
  record Incoming(NetworkPath from, int ecn, byte[] datagram, int datagramLength) {}

  private final Handshake handshake;
  private final PacketReader packets;
  private final Owner owner;
  private final EarlyPackets early = new EarlyPackets();

  DatagramReader(Handshake handshake, PacketReader packets, Owner owner) {
    this.handshake = handshake;
    this.packets = packets;
    this.owner = owner;
  }

  /** Reads what was kept and can be read now; false if there was none. */
  boolean readEarly(long nowNanos) {
    if (!early.hasBecomeReadable(handshake)) {
      return false;
    }
    for (EarlyPackets.Packet packet : early.take(handshake)) {
      read(packet.from(), packet.ecn(), packet.bytes(), 0, packet.bytes().length, nowNanos);
    }
    return true;
  }

  /** Reads every packet of a datagram, in place. */
  void read(NetworkPath from, int ecn, byte[] datagram, int offset, int length, long nowNanos) {
    int end = offset + length;
    int position = offset;
    ConnectionId first = null;
    for (int i = 0; i < TransportConfig.MAX_COALESCED_PACKETS && position < end; i++) {
      ParsedPacket parsed =
          PacketParser.parse(datagram, position, end, TransportConfig.LOCAL_CONNECTION_ID_LENGTH);
      Incoming incoming = new Incoming(from, ecn, datagram, length);
      switch (parsed) {
        case ParsedPacket.LongHeader header -> {
          // RFC 9000 §12.2: "Receivers SHOULD ignore any subsequent packets with a different
          // Destination Connection ID than the first packet in the datagram."
          if (first != null && !first.equals(header.destination())) {
            return;
          }
          first = header.destination();
          onLongHeader(incoming, header, nowNanos);
          position = header.endOffset();
        }
        case ParsedPacket.ShortHeader header -> {
          if (first == null || first.equals(header.destination())) {
            onShortHeader(incoming, header, nowNanos);
          }
          return;
        }
        case ParsedPacket.Retry retry -> {
          owner.onRetry(datagram, retry, nowNanos);
          return;
        }
        case ParsedPacket.VersionNegotiation negotiation -> {
          owner.onVersionNegotiation(negotiation);
          return;
        }
        case ParsedPacket.UnsupportedVersion _, ParsedPacket.Malformed _ -> {
          owner.onUseless(length, nowNanos);
          return;
        }
      }
    }
  }

  private void onLongHeader(Incoming in, ParsedPacket.LongHeader header, long nowNanos) {
    try {
      // A server's Initial keys go when the client proves to have Handshake keys (RFC 9001 §4.9.1),
      // so a packet that cannot be opened yet is copied before its header is touched.
      boolean tooEarly =
          header.type() == PacketType.HANDSHAKE
              && handshake.keys(EncryptionLevel.HANDSHAKE) == null
              && !handshake.isDiscarded(EncryptionLevel.HANDSHAKE);
      if (tooEarly) {
        keep(EncryptionLevel.HANDSHAKE, in, header.startOffset(), header.endOffset(), nowNanos);
        return;
      }
      tell(packets.open(in.datagram, header, in.from), in, header.source(), nowNanos);
    } catch (TransportException e) {
      owner.onError(e, nowNanos);
    }
  }

  private void onShortHeader(Incoming in, ParsedPacket.ShortHeader header, long nowNanos) {
    try {
      if (!handshake.isComplete()) {
        keep(EncryptionLevel.ONE_RTT, in, header.startOffset(), header.endOffset(), nowNanos);
        return;
      }
      PacketReader.Result result = packets.open(in.datagram, header, in.from, nowNanos);
      // What does not authenticate is left as it came, apart from its header.
      if (result instanceof PacketReader.Result.Dropped
          && owner.takesStatelessReset(in.datagram, header.endOffset(), nowNanos)) {
        return;
      }
      tell(result, in, null, nowNanos);
    } catch (TransportException e) {
      owner.onError(e, nowNanos);
    }
  }

  private void keep(EncryptionLevel level, Incoming in, int start, int end, long nowNanos) {
    byte[] copy = Arrays.copyOfRange(in.datagram, start, end);
    if (!owner.mayKeep() || !early.keep(level, copy, in.from, in.ecn)) {
      owner.onUseless(in.datagramLength, nowNanos);
    }
  }

  private void tell(
      PacketReader.Result result, Incoming in, @Nullable ConnectionId source, long nowNanos)
      throws TransportException {
    if (result instanceof PacketReader.Result.Opened(ReceivedPacket packet)) {
      owner.onOpened(packet, in, source, nowNanos);
    } else {
      owner.onUseless(in.datagramLength, nowNanos);
    }
  }
}
