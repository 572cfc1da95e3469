package org.veilor.seed.quic.connection;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameWriter;
import org.veilor.seed.quic.path.Path;
import org.veilor.seed.quic.recovery.PacketSpace;
import org.veilor.seed.quic.recovery.SentPacket;
import org.veilor.seed.quic.tls.EncryptionLevel;

/** Makes packets in the name of a connection with any content, as a hostile peer would. */
public final class Forger {
  private static final int ROOM = 1400;

  /** Makes packet numbers four bytes long, so that even an empty packet needs no padding. */
  private static final long FAR = 1L << 26;

  private Forger() {}

  /** A packet with these frames; the connection's next packet number is used up. */
  public static byte[] packet(Connection connection, EncryptionLevel level, Frame... frames) {
    ByteBuffer payload = ByteBuffer.allocate(ROOM);
    for (Frame frame : frames) {
      FrameWriter.write(payload, frame);
    }
    return packet(connection, level, Arrays.copyOf(payload.array(), payload.position()));
  }

  /** A packet with this payload. */
  public static byte[] packet(Connection connection, EncryptionLevel level, byte[] payload) {
    return packet(connection, level, payload, 0);
  }

  /** The same with bits set in the first byte before protection: reserved ones, the key phase. */
  public static byte[] packet(
      Connection connection, EncryptionLevel level, byte[] payload, int firstByteBits) {
    Handshake handshake = get(connection, "handshake", Handshake.class);
    Recovery recovery = get(connection, "recovery", Recovery.class);
    RemoteConnectionIds remote = get(connection, "remoteIds", RemoteConnectionIds.class);
    Path path = get(connection, "path", Path.class);
    PacketSpace space = recovery.space(level);
    byte[] b = new byte[ROOM + 100];
    PacketDraft draft =
        new PacketDraft(
            level, b, 0, b.length, space.peekPacketNumber(), space.peekPacketNumber() - FAR);
    OneRttKeys keys = handshake.oneRttKeys();
    if (level == EncryptionLevel.ONE_RTT) {
      draft.shortHeader(remote.current(), Objects.requireNonNull(keys).phase());
    } else {
      draft.longHeader(
          remote.current(), connection.localIds().getFirst(), /* token= */ new byte[0]);
    }
    b[0] |= (byte) firstByteBits;
    draft.frames().put(payload);
    space.onSent(new SentPacket(draft.packetNumber(), path.route(), 0, 1, false, false, List.of()));
    int size =
        level == EncryptionLevel.ONE_RTT
            ? draft.seal(Objects.requireNonNull(keys), path.id())
            : draft.seal(Objects.requireNonNull(handshake.keys(level)));
    return Arrays.copyOf(b, size);
  }

  /** The next 1-RTT packet number of the connection. */
  public static long nextPacketNumber(Connection connection) {
    return get(connection, "path", Path.class).space().peekPacketNumber();
  }

  /** Whether packets of a level can be made. */
  public static boolean hasKeys(Connection connection, EncryptionLevel level) {
    return get(connection, "handshake", Handshake.class).canSend(level);
  }

  /** A private part of a connection. */
  static <T> T get(Connection connection, String name, Class<T> type) {
    try {
      Field field = Connection.class.getDeclaredField(name);
      field.setAccessible(true);
      return type.cast(field.get(connection));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
