package org.veilor.seed.quic.params;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.RandomSource;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.VarInt;

/** Writes transport parameters: every parameter is id, length, value, in random order. */
final class TransportParametersEncoder {
  private static final int MAX_GREASE_LENGTH = 15;

  private final List<byte[]> encoded = new ArrayList<>();

  private TransportParametersEncoder() {}

  static byte[] encode(TransportParameters p, RandomSource random) {
    TransportParametersEncoder encoder = new TransportParametersEncoder();
    encoder.addAll(p);
    encoder.addGrease(random);
    return encoder.shuffled(random);
  }

  private void addAll(TransportParameters p) {
    add(ParameterId.ORIGINAL_DESTINATION_CONNECTION_ID, p.originalDestination());
    add(ParameterId.STATELESS_RESET_TOKEN, p.statelessResetToken());
    add(ParameterId.PREFERRED_ADDRESS, p.preferredAddress());
    add(ParameterId.INITIAL_SOURCE_CONNECTION_ID, p.initialSource());
    add(ParameterId.RETRY_SOURCE_CONNECTION_ID, p.retrySource());
    if (p.disableActiveMigration()) {
      add(ParameterId.DISABLE_ACTIVE_MIGRATION, new byte[0]);
    }
    add(ParameterId.MAX_IDLE_TIMEOUT, p.maxIdleTimeoutMillis(), 0);
    add(
        ParameterId.MAX_UDP_PAYLOAD_SIZE,
        p.maxUdpPayloadSize(),
        TransportParameters.DEFAULT_MAX_UDP_PAYLOAD_SIZE);
    add(ParameterId.INITIAL_MAX_DATA, p.initialMaxData(), 0);
    add(ParameterId.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL, p.initialMaxStreamDataBidiLocal(), 0);
    add(ParameterId.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE, p.initialMaxStreamDataBidiRemote(), 0);
    add(ParameterId.INITIAL_MAX_STREAM_DATA_UNI, p.initialMaxStreamDataUni(), 0);
    add(ParameterId.INITIAL_MAX_STREAMS_BIDI, p.initialMaxStreamsBidi(), 0);
    add(ParameterId.INITIAL_MAX_STREAMS_UNI, p.initialMaxStreamsUni(), 0);
    add(
        ParameterId.ACK_DELAY_EXPONENT,
        p.ackDelayExponent(),
        TransportParameters.DEFAULT_ACK_DELAY_EXPONENT);
    add(
        ParameterId.MAX_ACK_DELAY,
        p.maxAckDelayMillis(),
        TransportParameters.DEFAULT_MAX_ACK_DELAY_MILLIS);
    add(
        ParameterId.ACTIVE_CONNECTION_ID_LIMIT,
        p.activeConnectionIdLimit(),
        TransportParameters.DEFAULT_ACTIVE_CONNECTION_ID_LIMIT);
    add(ParameterId.MAX_DATAGRAM_FRAME_SIZE, p.maxDatagramFrameSize(), 0);
  }

  private void add(int id, long value, long defaultValue) {
    if (value != defaultValue) {
      ByteBuffer bytes = ByteBuffer.allocate(VarInt.size(value));
      VarInt.write(bytes, value);
      add(id, bytes.array());
    }
  }

  private void add(int id, @Nullable ConnectionId value) {
    if (value != null) {
      add(id, value.toBytes());
    }
  }

  private void add(long id, byte @Nullable [] value) {
    if (value != null) {
      int length = VarInt.size(id) + VarInt.size(value.length) + value.length;
      ByteBuffer parameter = ByteBuffer.allocate(length);
      VarInt.write(parameter, id);
      VarInt.write(parameter, value.length);
      encoded.add(parameter.put(value).array());
    }
  }

  private void addGrease(RandomSource random) {
    long n = Long.remainderUnsigned(random.nextLong(), VarInt.MAX / ParameterId.GREASE_FACTOR);
    byte[] value = new byte[random.nextInt(MAX_GREASE_LENGTH + 1)];
    random.fill(value);
    add(n * ParameterId.GREASE_FACTOR + ParameterId.GREASE_OFFSET, value);
  }

  /** Fisher-Yates. */
  private byte[] shuffled(RandomSource random) {
    int length = 0;
    for (int i = encoded.size() - 1; i >= 0; i--) {
      int j = random.nextInt(i + 1);
      byte[] swapped = encoded.set(j, encoded.get(i));
      encoded.set(i, swapped);
      length += swapped.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    encoded.forEach(out::put);
    return out.array();
  }
}
