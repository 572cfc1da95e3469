package org.veilor.seed.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.veilor.seed.quic.crypto.TestVectors.hex;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.veilor.seed.quic.error.TransportException;
import org.veilor.seed.quic.frame.Frame;
import org.veilor.seed.quic.frame.FrameReader;
import org.veilor.seed.quic.packet.ConnectionId;
import org.veilor.seed.quic.packet.PacketNumbers;
import org.veilor.seed.quic.packet.PacketParser;
import org.veilor.seed.quic.packet.PacketType;
import org.veilor.seed.quic.packet.ParsedPacket;

/**
 * Every packet of the recorded handshakes with a real iroh endpoint: decrypted, parsed, compared.
 */
class RecordedPacketsTest {
  private static final int CONNECTION_ID_LENGTH = 8;

  private int packets;

  /** One direction of a recording. */
  private static final class Direction {
    final Map<PacketType, TrafficSecret> secrets = new EnumMap<>(PacketType.class);
    final Map<PacketType, Long> largest = new EnumMap<>(PacketType.class);
    final ByteArrayOutputStream crypto = new ByteArrayOutputStream();
  }

  @Test
  void everyPacketDecryptsAndParses() throws TransportException {
    for (String name : TestVectors.RECORDED_HANDSHAKES) {
      replay(TestVectors.recordedHandshake(name));
    }
    assertThat(packets).isEqualTo(146);
  }

  private void replay(JsonNode recorded) throws TransportException {
    boolean javaIsClient = recorded.get("java_role").asText().equals("client");
    Direction client = direction(recorded, "client");
    Direction server = direction(recorded, "server");
    for (JsonNode datagram : recorded.get("datagrams")) {
      boolean fromClient = datagram.get("from").asText().equals("java") == javaIsClient;
      Direction direction = fromClient ? client : server;
      byte[] bytes = hex(datagram.get("hex").asText());
      int offset = 0;
      while (offset < bytes.length) {
        offset = packet(direction, bytes, offset);
      }
    }
    JsonNode messages = recorded.get("tls_messages");
    assertThat(client.crypto.toByteArray()).startsWith(hex(messages.get("client_hello").asText()));
    assertThat(server.crypto.toByteArray()).startsWith(hex(messages.get("server_hello").asText()));
  }

  private static Direction direction(JsonNode recorded, String side) {
    CipherSuite suite = CipherSuite.of(Integer.decode(recorded.get("cipher_suite").asText()));
    Direction direction = new Direction();
    ConnectionId destination = ConnectionId.of(hex(recorded.get("original_dcid").asText()));
    direction.secrets.put(
        PacketType.INITIAL, TrafficSecret.initial(destination)[side.equals("client") ? 0 : 1]);
    direction.secrets.put(
        PacketType.HANDSHAKE,
        new TrafficSecret(
            suite, hex(recorded.at("/secrets/" + side + "_handshake_traffic_secret").asText())));
    direction.secrets.put(
        PacketType.ONE_RTT,
        new TrafficSecret(
            suite, hex(recorded.at("/secrets/" + side + "_application_traffic_secret").asText())));
    return direction;
  }

  private int packet(Direction direction, byte[] datagram, int offset) throws TransportException {
    ParsedPacket parsed =
        PacketParser.parse(datagram, offset, datagram.length, CONNECTION_ID_LENGTH);
    return switch (parsed) {
      case ParsedPacket.LongHeader p ->
          open(direction, datagram, p.type(), offset, p.packetNumberOffset(), p.endOffset());
      case ParsedPacket.ShortHeader p ->
          open(
              direction,
              datagram,
              PacketType.ONE_RTT,
              offset,
              p.packetNumberOffset(),
              p.endOffset());
      default -> throw new AssertionError("not expected: " + parsed);
    };
  }

  private int open(
      Direction direction, byte[] datagram, PacketType type, int start, int numberOffset, int end)
      throws TransportException {
    TrafficSecret secret = Objects.requireNonNull(direction.secrets.get(type));
    int numberLength = secret.headerProtection().remove(datagram, start, numberOffset);
    long truncated = 0;
    for (int i = 0; i < numberLength; i++) {
      truncated = truncated << 8 | (datagram[numberOffset + i] & 0xff);
    }
    long number =
        PacketNumbers.decode(direction.largest.getOrDefault(type, -1L), truncated, numberLength);
    int payload = numberOffset + numberLength;
    int length = secret.protection().open(datagram, start, payload, end - payload, 0, number);
    assertThat(length).isPositive();
    packets++;
    direction.largest.merge(type, number, Math::max);
    FrameReader frames = new FrameReader(ByteBuffer.wrap(datagram, payload, length), type);
    while (frames.hasNext()) {
      if (frames.next() instanceof Frame.Crypto crypto && type == PacketType.INITIAL) {
        byte[] data = new byte[crypto.data().remaining()];
        crypto.data().get(data);
        direction.crypto.writeBytes(data);
      }
    }
    return end;
  }
}
