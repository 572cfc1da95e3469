package org.veilor.seed.quic.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.veilor.seed.quic.crypto.TestVectors.hex;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.quic.error.TransportErrorCode;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.VarInt;

class FrameCodecTest {
  private static final byte[] TOKEN = hex("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");

  private static List<Frame> read(byte[] payload, PacketType type) throws TransportException {
    FrameReader reader = new FrameReader(ByteBuffer.wrap(payload), type);
    List<Frame> frames = new ArrayList<>();
    while (reader.hasNext()) {
      frames.add(reader.next());
    }
    return frames;
  }

  private static Frame readOne(String hex) throws TransportException {
    List<Frame> frames = read(hex(hex), PacketType.ONE_RTT);
    assertThat(frames).hasSize(1);
    return frames.getFirst();
  }

  private static ByteBuffer data(String hex) {
    return ByteBuffer.wrap(hex(hex));
  }

  /** Every kind of frame with its shortest encoding. */
  static Stream<Arguments> samples() {
    return Stream.of(
        Arguments.of("00", new Frame.Padding(1)),
        Arguments.of("000000", new Frame.Padding(3)),
        Arguments.of("01", new Frame.Ping()),
        Arguments.of("0206000006", new Frame.Ack(6, 0, new long[] {0, 6}, null)),
        Arguments.of(
            "0209 4100 02 01 01 02 00 00",
            new Frame.Ack(9, 256, new long[] {8, 9, 3, 5, 1, 1}, null)),
        Arguments.of(
            "0300000000010203", new Frame.Ack(0, 0, new long[] {0, 0}, new EcnCounts(1, 2, 3))),
        Arguments.of("0404 4064 7fff", new Frame.ResetStream(4, 100, 16383)),
        Arguments.of("0504 02", new Frame.StopSending(4, 2)),
        Arguments.of("06 05 02 aabb", new Frame.Crypto(5, data("aabb"))),
        Arguments.of("07 02 aabb", new Frame.NewToken(hex("aabb"))),
        Arguments.of("0a 04 02 aabb", new Frame.Stream(4, 0, data("aabb"), false)),
        Arguments.of("0b 04 00", new Frame.Stream(4, 0, data(""), true)),
        Arguments.of("0f 04 07 01 aa", new Frame.Stream(4, 7, data("aa"), true)),
        Arguments.of("10 4400", new Frame.MaxData(1024)),
        Arguments.of("11 04 4400", new Frame.MaxStreamData(4, 1024)),
        Arguments.of("12 d000000000000000", new Frame.MaxStreams(true, 1L << 60)),
        Arguments.of("13 03", new Frame.MaxStreams(false, 3)),
        Arguments.of("14 4400", new Frame.DataBlocked(1024)),
        Arguments.of("15 04 4400", new Frame.StreamDataBlocked(4, 1024)),
        Arguments.of("16 03", new Frame.StreamsBlocked(true, 3)),
        Arguments.of("17 03", new Frame.StreamsBlocked(false, 3)),
        Arguments.of(
            "18 02 01 03 0a0b0c eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
            new Frame.NewConnectionId(2, 1, ConnectionId.of(hex("0a0b0c")), TOKEN)),
        Arguments.of("19 02", new Frame.RetireConnectionId(2)),
        Arguments.of("1a 0102030405060708", new Frame.PathChallenge(0x0102030405060708L)),
        Arguments.of("1b ffffffffffffffff", new Frame.PathResponse(-1)),
        Arguments.of("1c 4178 06 02 6869", new Frame.ConnectionClose(0x178, 6, "hi")),
        Arguments.of("1d 2a 03 627965", new Frame.ApplicationClose(42, "bye")),
        Arguments.of("1e", new Frame.HandshakeDone()),
        Arguments.of("31 02 aabb", new Frame.Datagram(data("aabb"))));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsAndWrites(String hex, Frame frame) throws TransportException {
    byte[] bytes = hex(hex);
    assertThat(readOne(hex)).isEqualTo(frame).hasSameHashCodeAs(frame);
    assertThat(FrameWriter.size(frame)).isEqualTo(bytes.length);
    ByteBuffer out = ByteBuffer.allocate(bytes.length);
    FrameWriter.write(out, frame);
    assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(HexFormat.of().formatHex(bytes));
    assertThat(frame.type()).isEqualTo(bytes[0]);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyPrefixIsRefusedOrAnotherFrame(String hex, Frame frame) throws TransportException {
    byte[] bytes = hex(hex);
    for (int length = 1; length < bytes.length; length++) {
      byte[] prefix = Arrays.copyOf(bytes, length);
      if (frame instanceof Frame.Padding) {
        assertThat(read(prefix, PacketType.ONE_RTT)).containsExactly(new Frame.Padding(length));
      } else {
        TransportException error =
            catchThrowableOfType(TransportException.class, () -> read(prefix, PacketType.ONE_RTT));
        assertThat(error.code()).isEqualTo(TransportErrorCode.FRAME_ENCODING_ERROR.code());
        assertThat(error.frameType()).isEqualTo(bytes[0]);
      }
    }
  }

  @Test
  void framesWithoutLengthReachToTheEnd() throws TransportException {
    assertThat(readOne("08 04 aabb")).isEqualTo(new Frame.Stream(4, 0, data("aabb"), false));
    assertThat(readOne("0d 04 07")).isEqualTo(new Frame.Stream(4, 7, data(""), true));
    assertThat(readOne("30 aabb")).isEqualTo(new Frame.Datagram(data("aabb")));
  }

  @Test
  void severalFramesInOnePacket() throws TransportException {
    assertThat(read(hex("01 0000 0a 04 01 aa 1e"), PacketType.ONE_RTT))
        .containsExactly(
            new Frame.Ping(),
            new Frame.Padding(2),
            new Frame.Stream(4, 0, data("aa"), false),
            new Frame.HandshakeDone());
  }

  @ParameterizedTest
  @CsvSource({
    // unknown types, among them those of multipath, NAT traversal and IMMEDIATE_ACK
    "1f, 0x7",
    "20, 0x7",
    "32, 0x7",
    "3e 00 00 00 00 00, 0x7",
    "7e75 01 3e, 0x7",
    "803d7f90 00 7f000001 1151, 0x7",
    "ffffffffffffffff, 0x7",
    // frame types that are not minimal
    "4001, 0xa",
    "80000001, 0xa",
    // ACK of negative packet numbers; more ranges than bytes
    "02 00 00 00 01, 0x7",
    "02 05 00 01 00 04 00, 0x7",
    "02 05 00 01 00 03 01, 0x7",
    "02 05 00 01 05 00 00, 0x7",
    "02 05 00 ffffffffffffffff 00, 0x7",
    // data that ends beyond 2^62 - 1
    "06 ffffffffffffffff 01 aa, 0x7",
    "0e 04 ffffffffffffffff 01 aa, 0x7",
    "06 00 ffffffffffffffff, 0x7",
    // empty token, too many streams
    "07 00, 0x7",
    "12 d000000000000001, 0x7",
    "17 d000000000000001, 0x7",
    // connection ids of 0 and 21 bytes, retiring itself
    "18 01 00 00 eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee, 0x7",
    "18 01 00 15 111111111111111111111111111111111111111111eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee, 0x7",
    "18 01 02 01 aa eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee, 0x7",
    "1c 00 00 3f, 0x7"
  })
  void refuses(String hex, String code) {
    assertThatThrownBy(() -> read(hex(hex), PacketType.ONE_RTT))
        .isInstanceOfSatisfying(
            TransportException.class, e -> assertThat(e.code()).isEqualTo(Long.decode(code)));
  }

  /** RFC 9000 §12.4, Table 3. */
  @ParameterizedTest
  @MethodSource("samples")
  void framesAreOnlyWhereTheyBelong(String hex, Frame frame) {
    boolean early =
        switch (frame) {
          case Frame.Padding p -> true;
          case Frame.Ping p -> true;
          case Frame.Ack a -> true;
          case Frame.Crypto c -> true;
          case Frame.ConnectionClose c -> true;
          default -> false;
        };
    boolean zeroRtt =
        switch (frame) {
          case Frame.Ack a -> false;
          case Frame.Crypto c -> false;
          case Frame.NewToken t -> false;
          case Frame.RetireConnectionId r -> false;
          case Frame.PathResponse p -> false;
          case Frame.HandshakeDone h -> false;
          default -> true;
        };
    Map<PacketType, Boolean> permitted = new EnumMap<>(PacketType.class);
    permitted.put(PacketType.INITIAL, early);
    permitted.put(PacketType.HANDSHAKE, early);
    permitted.put(PacketType.ZERO_RTT, zeroRtt);
    permitted.put(PacketType.ONE_RTT, true);
    permitted.put(PacketType.RETRY, false);
    permitted.forEach((type, allowed) -> {
      if (allowed) {
        assertThat(catchThrowableOfType(TransportException.class, () -> read(hex(hex), type)))
            .isNull();
      } else {
        assertThatThrownBy(() -> read(hex(hex), type))
            .isInstanceOfSatisfying(
                TransportException.class,
                e -> assertThat(e.code()).isEqualTo(TransportErrorCode.PROTOCOL_VIOLATION.code()));
      }
    });
  }

  @ParameterizedTest
  @MethodSource("samples")
  void propertiesOfFrames(String hex, Frame frame) {
    assertThat(hex).isNotEmpty();
    boolean passive =
        switch (frame) {
          case Frame.Padding p -> true;
          case Frame.Ack a -> true;
          case Frame.ConnectionClose c -> true;
          case Frame.ApplicationClose c -> true;
          default -> false;
        };
    boolean probing =
        switch (frame) {
          case Frame.Padding p -> true;
          case Frame.PathChallenge p -> true;
          case Frame.PathResponse p -> true;
          case Frame.NewConnectionId n -> true;
          default -> false;
        };
    assertThat(frame.isAckEliciting()).isEqualTo(!passive);
    assertThat(frame.isProbing()).isEqualTo(probing);
  }

  @Test
  void ofManyAckRangesTheNewestAreKept() throws TransportException {
    int count = FrameLimits.MAX_ACK_RANGES + 44;
    ByteBuffer out = ByteBuffer.allocate(2000);
    out.put((byte) 0x02);
    VarInt.write(out, 10_000);
    VarInt.write(out, 0);
    VarInt.write(out, count - 1);
    VarInt.write(out, 0);
    for (int i = 1; i < count; i++) {
      out.put((byte) 0).put((byte) 0);
    }
    out.put((byte) 0x01);

    List<Frame> frames = read(Arrays.copyOf(out.array(), out.position()), PacketType.ONE_RTT);

    assertThat(frames).hasSize(2).last().isEqualTo(new Frame.Ping());
    Frame.Ack ack = (Frame.Ack) frames.getFirst();
    assertThat(ack.rangeCount()).isEqualTo(FrameLimits.MAX_ACK_RANGES);
    assertThat(ack.largestOf(0)).isEqualTo(10_000);
    assertThat(ack.smallestOf(255)).isEqualTo(10_000 - 2 * 255);
    assertThat(ack.largestOf(255)).isEqualTo(10_000 - 2 * 255);
    assertThat(ack.toString()).contains("10000");
  }

  @Test
  void streamHeadersHaveTheirStatedSize() {
    for (long offset : new long[] {0, 63, 16384}) {
      for (boolean explicitLength : new boolean[] {false, true}) {
        ByteBuffer out = ByteBuffer.allocate(64);
        FrameWriter.writeStreamHeader(out, 400, offset, 1000, true, explicitLength);
        assertThat(out.position())
            .isEqualTo(FrameWriter.streamHeaderSize(400, offset, 1000, explicitLength));
      }
    }
    ByteBuffer out = ByteBuffer.allocate(64);
    FrameWriter.writeCryptoHeader(out, 100, 1000);
    assertThat(out.position()).isEqualTo(FrameWriter.cryptoHeaderSize(100, 1000));
  }

  @Test
  void writingLeavesTheDataWhereItIs() {
    ByteBuffer data = data("aabbcc").position(1);
    FrameWriter.write(ByteBuffer.allocate(10), new Frame.Stream(0, 0, data, false));
    assertThat(data.remaining()).isEqualTo(2);
  }

  @Test
  void randomBytesNeverThrowAnythingElse() {
    long seed = 20261121;
    Random random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] payload = new byte[random.nextInt(1, 40)];
      random.nextBytes(payload);
      payload[0] &= 0x3f;
      try {
        read += read(payload, PacketType.ONE_RTT).size();
      } catch (TransportException e) {
        assertThat(e.code()).as("seed %d, step %d", seed, i).isIn(0x7L, 0xaL);
      }
    }
    assertThat(read).isPositive();
  }
}
