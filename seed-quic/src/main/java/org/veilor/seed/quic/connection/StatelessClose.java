package org.veilor.seed.quic.connection;

import java.util.Arrays;
import org.veilor.seed.quic.crypto.TrafficSecret;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.ParsedPacket;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** What can be done with a client's first Initial before there is a connection. */
public final class StatelessClose {
  private static final int MAX_REFUSAL_BYTES = 128;
  private static final byte[] NO_TOKEN = new byte[0];

  private StatelessClose() {}

  /** An Initial packet with CONNECTION_REFUSED, as a server's only answer (RFC 9000 §5.2.2). */
  public static byte[] refusal(ConnectionId clientDestination, ConnectionId clientSource) {
    TrafficSecret[] secrets = TrafficSecret.initial(clientDestination);
    byte[] datagram = new byte[MAX_REFUSAL_BYTES];
    PacketDraft draft =
        new PacketDraft(EncryptionLevel.INITIAL, datagram, 0, datagram.length, 0, -1);
    draft.longHeader(/* destination= */ clientSource, /* source= */ clientDestination, NO_TOKEN);
    FrameWriter.write(
        draft.frames(),
        new Frame.ConnectionClose(TransportErrorCode.CONNECTION_REFUSED.code(), 0, ""));
    int length = draft.seal(LevelKeys.of(secrets[1], secrets[0]));
    return Arrays.copyOf(datagram, length);
  }

  /**
   * Whether a first Initial authenticates. Asked of a copy before any state is made: garbage that
   * looks like an Initial costs a few microseconds and leaves nothing behind.
   */
  public static boolean authenticates(byte[] datagram, ParsedPacket.LongHeader initial) {
    byte[] copy = Arrays.copyOfRange(datagram, initial.startOffset(), initial.endOffset());
    int numberOffset = initial.packetNumberOffset() - initial.startOffset();
    TrafficSecret[] secrets = TrafficSecret.initial(initial.destination());
    LevelKeys keys = LevelKeys.of(secrets[1], secrets[0]);
    int numberLength = keys.openHeader().remove(copy, 0, numberOffset);
    long number = 0;
    for (int i = 0; i < numberLength; i++) {
      number = number << 8 | (copy[numberOffset + i] & 0xff);
    }
    PacketSlice slice = new PacketSlice(0, numberOffset + numberLength, copy.length, 0, number);
    return slice.openWith(keys.open(), copy) >= 0;
  }
}
