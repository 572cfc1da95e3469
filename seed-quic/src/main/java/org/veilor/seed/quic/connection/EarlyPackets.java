package org.veilor.seed.quic.connection;

import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.quic.path.NetworkPath;
import org.veilor.seed.quic.tls.EncryptionLevel;

/**
 * Packets that overtook the ones with their keys (RFC 9000 §5.7, RFC 9001 §5.7): kept until they
 * can be read, a few of them.
 */
final class EarlyPackets {
  /** A packet as it came, its header protection still on. */
  @SuppressWarnings("ArrayRecordComponent") // a queue entry, never compared
  record Packet(EncryptionLevel level, byte[] bytes, NetworkPath from, int ecn) {}

  private final List<Packet> packets = new ArrayList<>(0);

  /** Keeps a packet; false, and it is dropped, if there are too many. */
  boolean keep(EncryptionLevel level, byte[] bytes, NetworkPath from, int ecn) {
    return packets.size() < TransportConfig.MAX_UNDECRYPTABLE_PACKETS
        && packets.add(new Packet(level, bytes, from, ecn));
  }

  /** Whether {@link #take} would give something. */
  boolean hasBecomeReadable(Handshake handshake) {
    for (Packet packet : packets) {
      if (isReadable(packet, handshake)) {
        return true;
      }
    }
    return false;
  }

  /** Takes out what can be read now, in the order of arrival. */
  List<Packet> take(Handshake handshake) {
    List<Packet> readable = new ArrayList<>();
    for (Packet packet : packets) {
      if (isReadable(packet, handshake)) {
        readable.add(packet);
      }
    }
    packets.removeAll(readable);
    return readable;
  }

  private static boolean isReadable(Packet packet, Handshake handshake) {
    return packet.level == EncryptionLevel.ONE_RTT
        ? handshake.isComplete()
        : handshake.keys(packet.level) != null || handshake.isDiscarded(packet.level);
  }
}
