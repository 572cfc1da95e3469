package org.veilor.seed.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.crypto.TestVectors.hex;
import static org.veilor.seed.quic.crypto.TestVectors.hexFile;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketParserTest {
  private static final String REST = "00".repeat(20);

  private static ParsedPacket parse(String hex) {
    byte[] datagram = hex(hex);
    return PacketParser.parse(datagram, 0, datagram.length, 8);
  }

  @Test
  void initialWithToken() {
    byte[] datagram = hex("aaaa c300000001 02 0102 03 030405 03 112233 14" + REST + "ffff");

    ParsedPacket.LongHeader packet =
        (ParsedPacket.LongHeader) PacketParser.parse(datagram, 2, datagram.length, 8);

    assertThat(packet.type()).isEqualTo(PacketType.INITIAL);
    assertThat(packet.destination()).hasToString("0102");
    assertThat(packet.source()).hasToString("030405");
    assertThat(packet.token()).isEqualTo(hex("112233"));
    assertThat(packet.startOffset()).isEqualTo(2);
    assertThat(packet.packetNumberOffset()).isEqualTo(19);
    assertThat(packet.endOffset()).isEqualTo(39);
  }

  @Test
  void handshakeAndZeroRttHaveNoToken() {
    ParsedPacket.LongHeader handshake =
        (ParsedPacket.LongHeader) parse("e300000001 00 00 4014" + REST);
    ParsedPacket.LongHeader zeroRtt = (ParsedPacket.LongHeader) parse("d300000001 00 00 14" + REST);

    assertThat(handshake.type()).isEqualTo(PacketType.HANDSHAKE);
    assertThat(handshake.token()).isEmpty();
    assertThat(handshake.packetNumberOffset()).isEqualTo(9);
    assertThat(zeroRtt.type()).isEqualTo(PacketType.ZERO_RTT);
  }

  @Test
  void shortHeaderReachesToTheEnd() {
    ParsedPacket.ShortHeader packet =
        (ParsedPacket.ShortHeader) parse("40 0102030405060708" + REST + "99");

    assertThat(packet.destination()).hasToString("0102030405060708");
    assertThat(packet.packetNumberOffset()).isEqualTo(9);
    assertThat(packet.endOffset()).isEqualTo(30);
  }

  @Test
  void retryOfTheRfc() {
    byte[] datagram = hexFile("rfc9001/retry-packet.hex");

    ParsedPacket.Retry retry =
        (ParsedPacket.Retry) PacketParser.parse(datagram, 0, datagram.length, 8);

    assertThat(retry.destination()).isEqualTo(ConnectionId.EMPTY);
    assertThat(retry.source()).hasToString("f067a5502a4262b5");
    assertThat(retry.token()).isEqualTo(hex("746f6b656e"));
    assertThat(retry.endOffset()).isEqualTo(datagram.length);
  }

  @Test
  void versionNegotiationIsReadAndWritten() {
    ParsedPacket.VersionNegotiation parsed =
        (ParsedPacket.VersionNegotiation) parse("80 00000000 01 aa 02 bbcc 00000001 ff00001d");
    assertThat(parsed.destination()).hasToString("aa");
    assertThat(parsed.source()).hasToString("bbcc");
    assertThat(parsed.versions()).containsExactly(1, 0xff00001d);

    byte[] written =
        VersionNegotiationPackets.encode(
            ConnectionId.of(new byte[30]), ConnectionId.of(hex("bbcc")), (byte) 0xff);
    assertThat(PacketParser.isLongHeader(written[0])).isTrue();
    parsed = (ParsedPacket.VersionNegotiation) PacketParser.parse(written, 0, written.length, 8);
    assertThat(parsed.destination().length()).isEqualTo(30);
    assertThat(parsed.source()).hasToString("bbcc");
    assertThat(parsed.versions()).containsExactly(1);
  }

  @Test
  void unknownVersionsKeepTheirLongConnectionIds() {
    ParsedPacket.UnsupportedVersion packet =
        (ParsedPacket.UnsupportedVersion)
            parse("80 0a1a2a3a 1e" + "11".repeat(30) + "00" + "ff".repeat(100));

    assertThat(packet.version()).isEqualTo(0x0a1a2a3a);
    assertThat(packet.destination().length()).isEqualTo(30);
    assertThat(packet.datagramLength()).isEqualTo(1 + 4 + 1 + 30 + 1 + 100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00 0102030405060708 0000000000000000000000000000000000000000",
        "40 0102030405060708 00000000000000000000000000000000000000",
        "83 00000001 00 00 00 14 0000000000000000000000000000000000000000",
        "c3 00000001",
        "c3 00000001 02 01",
        "c3 00000001 15 111111111111111111111111111111111111111111 00 00 14",
        "c3 00000001 00 00 ffffffffffffffff",
        "c3 00000001 00 00 05 01",
        "c3 00000001 00 00 00 13 00000000000000000000000000000000000000",
        "c3 00000001 00 00 00 15 0000000000000000000000000000000000000000",
        "c3 00000001 00 00 00 ffffffffffffffff 0000000000000000000000000000000000000000",
        "f3 00000001 00 00 00112233445566778899aabbccddeeff",
        "80 00000000 00 00",
        "80 00000000 00 00 000000"
      })
  void whatIsNotAPacketIsMalformed(String hex) {
    assertThat(parse(hex)).isInstanceOf(ParsedPacket.Malformed.class);
  }

  @Test
  void everyPrefixAndManyMutationsParseToSomething() {
    long seed = 7;
    Random random = new Random(seed);
    byte[] packet = hexFile("rfc9001/client-initial-packet.hex");
    for (int end = 0; end < packet.length; end++) {
      assertThat(PacketParser.parse(packet, 0, end, 8)).isNotNull();
    }
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = Arrays.copyOf(packet, random.nextInt(1, 60));
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      assertThat(PacketParser.parse(mutated, 0, mutated.length, 20))
          .as("seed %d", seed)
          .isNotNull();
    }
  }
}
